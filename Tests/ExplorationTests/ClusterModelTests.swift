import Testing

@testable import Exploration

struct ClusterModelTests {
    private func lines(_ text: String...) -> SessionScript {
        SessionScript(replicas: 2, seed: 1, lines: text)
    }

    /// What the model objects to in a real lab.
    private func objections(_ script: SessionScript) -> [String] {
        SessionRun(script, judges: [ModelJudge(script).judge]).breaches
    }

    @Test func `a story with a loss, an old primary and a base backup is as the model has it`() {
        let script = lines(
            "partition r1", "load 3 as pay", "set a 1", "crash p", "promote r1", "set r1 a 2",
            "restart p", "set p b 1", "lost", "basebackup p", "basebackup r2", "follow r2 p",
            "delete a", "wait 3m", "heal", "wait 3m")
        #expect(objections(script) == [])
    }

    @Test func `what a promotion loses are the commits that the new primary does not have`() {
        var model = ClusterModel(replicas: 1)
        model.did("set a 1", failed: false)
        model.did("load 2 as pay", failed: false)
        model.did("promote r1", failed: false)
        #expect(model.lost.map(\.key) == ["a", "pay:1", "pay:2"])
        #expect(model.value(of: "a", on: "p") == "1")
        #expect(model.value(of: "a", on: "r1") == nil)
    }

    @Test(arguments: ["follow p r1", "restart p as=replica"])
    func `an old primary comes back with what it had`(act: String) {
        let script = lines("set a 1", "stop p", "promote r1", act, "set b 2", "promote p", "lost")
        #expect(objections(script) == [])
    }

    @Test func `a replica's log is a beginning of its upstream's`() {
        var model = ClusterModel(replicas: 2)
        model.did("load 5", failed: false)
        var now = Observation(primary: "p", followers: ["r1": "p", "r2": "r1"])
        now.nodes["p"]?.commits = 5
        now.nodes["r1"]?.commits = 4
        now.nodes["r2"]?.commits = 3
        #expect(model.saw(now, before: now) == [])
        #expect(model.behind("r2") == 2)
        now.nodes["r1"]?.commits = 6
        #expect(model.saw(now, before: now).count == 1)
        now.nodes["r1"]?.commits = 2
        #expect(model.saw(now, before: now) == ["model, log: r1 has 2 commits, and had 4"])
    }

    @Test func `a failed write changes nothing, and deleting what is not there commits nothing`() {
        var model = ClusterModel(replicas: 1)
        model.did("set r1 a 1", failed: true)
        model.did("delete a", failed: false)
        #expect(model.commits.isEmpty)
        #expect(!model.isLost)
    }

    @Test func `a verb that it does not know makes it say nothing any more`() {
        var model = ClusterModel(replicas: 1)
        model.did("disk p full", failed: false)
        #expect(model.isLost)
    }

    @Test func `the risk is read off the JSON of status`() {
        let text =
            #"{"time":"","primary":"p","at_risk":[{"replica":"r1","commits":12},"#
            + #"{"replica":"r2","commits":0}],"more":[{"replica":"r3","commits":1}]}"#
        #expect(AtRisk(readingStatus: text).commits == ["r1": 12, "r2": 0])
        #expect(AtRisk(readingStatus: #"{"at_risk":[]}"#).commits == [:])
    }
}

extension Observation {
    fileprivate init(primary: String, followers: [String: String]) {
        var nodes = followers.mapValues { Node(upstream: $0) }
        nodes[primary] = Node(isPrimary: true)
        self.init(primary: primary, nodes: nodes)
    }
}
