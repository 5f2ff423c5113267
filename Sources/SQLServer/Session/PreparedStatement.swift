import WireProtocol

/// A statement whose names and types were found, so that it can be described and run, as often as
/// the client likes.
struct PreparedStatement {
    let statement: SQLStatement?
    /// How a SELECT is carried out; nil for any other statement.
    var plan: SelectPlan?
    /// The types of `$1` and on.
    let parameters: [Column.DataType]
    /// What its rows will look like; nil if it gives none.
    var columns: [Relation.Attribute]?

    /// It may tell of anything in the node. A change depends on its rows alone, and says itself
    /// when they are undecided.
    var readsWhatIsDurable: Bool {
        switch statement {
        case .select, .show, .vacuum, .checkpoint: true
        case .insert, .update, .delete, .begin, .commit, .rollback, .set, .alterSystem, .reset,
            .deallocate,
            .discardAll, .refused, nil:
            false
        }
    }

    /// What Describe answers about its rows.
    func description(formats: [Bool]) -> BackendMessage {
        guard let columns else { return .noData }
        return .rowDescription(
            columns.enumerated().map { index, column in
                let isBinary = formats.isEmpty ? false : formats[index]
                return Column(column.name, column.type, format: isBinary ? 1 : 0)
            })
    }
}

extension SQLStatement? {
    /// Nothing but the end of a transaction may run in a block that has failed.
    var endsTransaction: Bool {
        switch self {
        case .commit, .rollback: true
        case .select, .insert, .update, .delete, .begin, .show, .set, .alterSystem, .reset,
            .deallocate, .discardAll, .vacuum, .checkpoint, .refused, nil:
            false
        }
    }

    /// Whether it needs a snapshot of the table.
    var readsTable: Bool {
        switch self {
        case .select, .insert, .update, .delete: true
        case .begin, .commit, .rollback, .show, .set, .alterSystem, .reset, .deallocate,
            .discardAll,
            .vacuum, .checkpoint, .refused, nil:
            false
        }
    }

    /// Whether it begins or ends a block.
    var controlsTransaction: Bool {
        if case .begin = self { true } else { endsTransaction }
    }
}
