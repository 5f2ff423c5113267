import Replication

/// Who asked for something of a slot and is no connection: under numbers that no connection has.
struct SlotWaiters {
    private var waiting: [Int32: (SlotAnswer) -> Void] = [:]
    private var last: Int32 = 0

    mutating func add(_ answered: @escaping (SlotAnswer) -> Void) -> Int32 {
        last -= 1
        waiting[last] = answered
        return last
    }

    mutating func remove(_ number: Int32) -> ((SlotAnswer) -> Void)? {
        waiting.removeValue(forKey: number)
    }
}
