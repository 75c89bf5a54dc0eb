// The members of a record as two builds have them, side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type.h"

namespace abiscope::diff {

struct Member {
    const abi::Field* field = nullptr;
    std::string name;                  // of a variant's: VARIANT.member; of a bit-field without a name: "(anonymous 2)"
    std::uint64_t begin = 0;           // bits
    std::uint64_t end = 0;
    bool reserved = false;             // by its name it keeps room for later
    bool in_union = false;             // of a union without a name
    std::optional<std::size_t> other;  // its place in the other list
};

// In the order of declaration, those of structs and unions without a name among them; members whose place is not recorded are left out.
[[nodiscard]] std::vector<Member> members_of(const abi::TypeTable& types, const abi::Record& record);

// By name.
void match_by_name(std::vector<Member>& old, std::vector<Member>& now);

// "reserved", "_pad2", "__unused".
[[nodiscard]] bool is_reserved_name(std::string_view name);

// Whether a range of bits holds any of these members' bits.
[[nodiscard]] bool overlaps(const std::vector<Member>& members, std::uint64_t begin, std::uint64_t end);

// The reserved member that holds all of the range, or null.
[[nodiscard]] const Member* reserved_around(const std::vector<Member>& members, std::uint64_t begin, std::uint64_t end);

}  // namespace abiscope::diff
