extension BaseBackupOptions: CustomStringConvertible {
    /// The kilobytes a second PostgreSQL allows.
    public static let rates = 32...1_048_576

    /// The list as `pg_basebackup` sends it: `( LABEL 'x',  PROGRESS, …)`.
    public var description: String {
        var options = ["LABEL \(SQLLiteral.quoted(label))"]
        if progress { options.append("PROGRESS") }
        if includesWAL { options.append("WAL") }
        if fastCheckpoint { options.append("CHECKPOINT 'fast'") }
        if !wait { options.append("WAIT 0") }
        if let maximumRate { options.append("MAX_RATE \(maximumRate)") }
        if tablespaceMap { options.append("TABLESPACE_MAP") }
        if !verifyChecksums { options.append("VERIFY_CHECKSUMS 0") }
        if manifest != .no { options.append("MANIFEST '\(manifest.rawValue)'") }
        if let manifestChecksums {
            options.append("MANIFEST_CHECKSUMS '\(manifestChecksums.rawValue)'")
        }
        options.append("TARGET \(SQLLiteral.quoted(target))")
        for (name, value) in [
            ("TARGET_DETAIL", targetDetail), ("COMPRESSION", compression),
            ("COMPRESSION_DETAIL", compressionDetail),
        ] {
            if let value { options.append("\(name) \(SQLLiteral.quoted(value))") }
        }
        return "( " + options.joined(separator: ",  ") + ")"
    }
}

extension BaseBackupOptions {
    init(_ options: [ReplicationOption]) throws(SQLSyntaxError) {
        self.init()
        for option in options { try take(option) }
        if manifest == .no,
            let checksums = options.first(where: { $0.name == "manifest_checksums" })
        {
            throw checksums.error(.redundant)
        }
    }

    private mutating func take(_ option: ReplicationOption) throws(SQLSyntaxError) {
        switch option.name {
        case "label": label = try option.text()
        case "progress": progress = try option.boolean()
        case "checkpoint": fastCheckpoint = try option.checkpoint()
        case "wal": includesWAL = try option.boolean()
        case "wait": wait = try option.boolean()
        case "max_rate": maximumRate = try option.rate()
        case "tablespace_map": tablespaceMap = try option.boolean()
        case "verify_checksums": verifyChecksums = try option.boolean()
        case "manifest": manifest = try option.manifest()
        case "manifest_checksums": manifestChecksums = try option.checksumAlgorithm()
        case "target": target = try option.text()
        case "target_detail": targetDetail = try option.text()
        case "compression": compression = try option.text()
        case "compression_detail": compressionDetail = try option.text()
        default: throw option.error(.unrecognized)
        }
    }
}

extension ReplicationOption {
    fileprivate func checkpoint() throws(SQLSyntaxError) -> Bool {
        switch try text().lowercased() {
        case "fast": true
        case "spread": false
        default: throw error(.invalidValue(try text()))
        }
    }

    fileprivate func rate() throws(SQLSyntaxError) -> Int {
        let digits = try text()
        guard let rate = Int(digits), BaseBackupOptions.rates.contains(rate) else {
            throw error(.outOfRange(digits, BaseBackupOptions.rates))
        }
        return rate
    }

    fileprivate func manifest() throws(SQLSyntaxError) -> BaseBackupOptions.Manifest {
        switch try text().lowercased() {
        case "yes", "true", "on", "1": .yes
        case "no", "false", "off", "0": .no
        case "force-encode": .forceEncode
        default: throw error(.invalidValue(try text()))
        }
    }

    fileprivate func checksumAlgorithm()
        throws(SQLSyntaxError) -> BaseBackupOptions.ChecksumAlgorithm
    {
        let name = try text()
        guard let algorithm = BaseBackupOptions.ChecksumAlgorithm(rawValue: name.uppercased())
        else { throw error(.invalidValue(name)) }
        return algorithm
    }
}
