// The text of a file with the members of its structs in another order: each with its comments, everything else as it stands.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "source/declarations.h"

namespace abiscope::source {

struct MemberOrder {
    const RecordText* record = nullptr;
    std::vector<std::uint32_t> order;   // places in RecordText::members
};

struct Reordered {
    std::string text;
    std::vector<std::string> refused;   // as many as there were orders: why that one was left out; empty: it was not
};

// Of C and Go. What moves with a member: the lines of comments above it, what follows on its last line, and comment lines below that stand
// under the comment behind it. Declarations of several members move as one. Left out: a body with anything else between its members
// (preprocessor conditionals, macros), or whose members share lines.
[[nodiscard]] Reordered reorder_members(std::string_view text, abi::Language language, std::span<const MemberOrder> wanted);

}  // namespace abiscope::source
