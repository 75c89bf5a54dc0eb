// Names out of a string table, with a bound on the work that hostile offsets can cause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes/view.h"

namespace abiscope::macho {

// Looking up a name costs its length, and any number of records may name the same long tail of the table. Together the names may be
// 64 times as long as the table plus 1 MiB (a real table has each name once or twice); after that nothing is found any more.
class StringTable {
public:
    StringTable() = default;
    explicit StringTable(View bytes) : bytes_(bytes), left_(bytes.size() * 64 + (std::uint64_t{1} << 20)) {}

    // The NUL-terminated text at `offset`; nothing when it starts outside, no NUL follows, or the bound is reached.
    [[nodiscard]] std::optional<std::string_view> at(std::uint64_t offset);

    [[nodiscard]] View bytes() const { return bytes_; }

private:
    View bytes_;
    std::uint64_t left_ = 0;
};

// A name for a finding: its first 200 bytes. Findings may be many and name the same long text each time.
[[nodiscard]] std::string name_for_finding(std::string_view name);

}  // namespace abiscope::macho
