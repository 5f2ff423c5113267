internal import CommandLanguage

/// All commands, in the order `help` shows them: the one list. To add a command is to add a file to
/// `Commands`, and its type here.
enum CommandList {
    static let all: [CommandKind] = [
        .lab(SetCommand.self), .lab(GetCommand.self), .lab(DeleteCommand.self),
        .lab(LoadCommand.self), .lab(ReadCommand.self), .lab(BeginCommand.self),
        .lab(CommitCommand.self), .lab(RollbackCommand.self), .lab(ClientsCommand.self),
        .lab(LagCommand.self), .lab(LinkCommand.self), .lab(PartitionCommand.self),
        .lab(HealCommand.self), .lab(ReconnectCommand.self), .lab(TopologyCommand.self),
        .lab(SlotsCommand.self), .lab(SlotCommand.self), .lab(FollowCommand.self),
        .lab(AttachCommand.self), .lab(DetachCommand.self),
        .lab(CrashCommand.self), .lab(StopCommand.self), .lab(RestartCommand.self),
        .lab(SlowCommand.self), .lab(FreezeCommand.self), .lab(ThawCommand.self),
        .lab(CheckpointCommand.self), .lab(VacuumCommand.self), .lab(DiskCommand.self),
        .lab(DamageCommand.self),
        .lab(MonitorCommand.self), .lab(FenceCommand.self), .lab(UnfenceCommand.self),
        .lab(StepCommand.self), .lab(PromoteCommand.self), .lab(RouteCommand.self),
        .lab(FailoverCommand.self), .lab(LostCommand.self), .lab(SalvageCommand.self),
        .lab(RewindCommand.self), .lab(BaseBackupCommand.self),
        .lab(StatusCommand.self), .lab(WALCommand.self), .lab(PageCommand.self),
        .lab(DiffCommand.self), .lab(VerifyCommand.self), .lab(ConfigCommand.self),
        .lab(ConnectCommand.self), .lab(WatchCommand.self),
        .lab(TailCommand.self),
        .lab(WaitCommand.self),
        .host(HelpCommand.self), .host(QuitCommand.self),
    ]
}

/// What kind of command stands in the list.
enum CommandKind {
    case lab(any LabCommand.Type)
    case host(any HostCommand.Type)

    var spec: CommandSpec {
        switch self {
        case .lab(let type): type.spec
        case .host(let type): type.spec
        }
    }

    /// The command of this kind with these words.
    func command(_ arguments: BoundArguments) throws(Fault) -> SessionCommand {
        switch self {
        case .lab(let type): .lab(try type.init(arguments))
        case .host(let type): .host(try type.init(arguments))
        }
    }
}

/// A command that a session can carry out.
enum SessionCommand {
    case lab(any LabCommand)
    case host(any HostCommand)
}
