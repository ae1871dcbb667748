// SPDX-License-Identifier: Apache-2.0

// Who may have how many of the connections that the controller wants.
extension OriginEntry {
    /// Divides the target: first one connection each in order of arrival, then what is left, evenly, to who can use it.
    mutating func divide() {
        if members.count == 1 { return divideForOne() }
        var left = controller.target
        for index in members.indices where members[index].isFixed {
            members[index].share = members[index].most
            left -= min(members[index].load.live, members[index].most)
        }
        let isBound = controller.ceiling != nil
        for index in members.indices where !members[index].isFixed {
            let isAdmitted = members[index].demand > 0 && (left > 0 || !isBound)
            members[index].share = isAdmitted ? 1 : 0
            if isAdmitted { left -= 1 }
        }
        level(left)
    }

    /// A lone transfer may have all, whatever it asks for now.
    private mutating func divideForOne() {
        let most = members[0].most
        members[0].share = members[0].isFixed ? most : min(controller.target, most)
    }

    /// Raises the smallest shares, one connection at a time, until nothing is left or nobody can use more.
    private mutating func level(_ spare: Int) {
        var left = spare
        var raised = true
        while left > 0, raised {
            raised = false
            for index in members.indices where left > 0 && canUseMore(index) {
                members[index].share += 1
                left -= 1
                raised = true
            }
        }
    }

    private func canUseMore(_ index: Int) -> Bool {
        !members[index].isFixed && members[index].share > 0 && members[index].share < members[index].demand
    }

    /// Traps if an invariant is broken; called in debug builds and tests.
    func checkInvariants() {
        precondition(
            Set(members.map(\.transfer)).count == members.count,
            "OriginBook: 1, a transfer stands twice"
        )
        let shares = members.lazy.filter { !$0.isFixed }.map(\.share)
        let above = shares.reduce(0) { $0 + max(0, $1 - 1) }
        precondition(above <= max(0, controller.target - 1), "OriginBook: 3, the budget is exceeded")
        if controller.ceiling != nil {
            precondition(
                shares.reduce(0, +) <= controller.target,
                "OriginBook: 2, the ceiling is exceeded"
            )
        } else {
            precondition(
                !members.contains { $0.share < 1 && $0.demand > 0 },
                "OriginBook: 2, one is left out"
            )
        }
    }
}
