// Where readers and rules put their findings.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bytes/limits.h"
#include "finding/finding.h"

namespace abiscope::finding {

// Keeps up to limits.findings; counts the rest, so that a hostile file cannot fill the memory with complaints.
class Sink {
public:
    explicit Sink(const Limits& limits = default_limits) : most_(limits.findings) {}

    void add(Finding finding) {
        if (findings_.size() < most_) {
            findings_.push_back(std::move(finding));
        } else {
            ++dropped_;
        }
    }

    [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
    [[nodiscard]] std::vector<Finding> take() { return std::exchange(findings_, {}); }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

private:
    std::vector<Finding> findings_;
    std::uint64_t dropped_ = 0;
    std::uint32_t most_;
};

}  // namespace abiscope::finding
