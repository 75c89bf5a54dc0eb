// What changed in a pair of named types. One file for each kind: records, virtual functions, enumerations; typedefs are short.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/change.h"
#include "diff/relation.h"

namespace abiscope::diff {

struct TypeChanges {
    std::vector<Change> changes;
    bool declared_in_old = false;   // OLD only declares it; nothing was compared
    bool declared_in_new = false;
    bool passing = false;           // what decides how it is passed by value may differ: size, members, special member functions
    // Its size changed, and nothing that OLD has moved or went away: what that does depends on who makes objects of it.
    bool grown = false;
    // Why the change of its size weighs less where only pointers to it are handed over; empty: it does not.
    std::string_view size_of_pointed;
    std::uint64_t old_size = 0;     // bytes
    std::uint64_t new_size = 0;
};

// `number` is that of the pair. `alignments`: both files record what the source asked for.
[[nodiscard]] TypeChanges compare_pair(Relations& relations, std::uint32_t number, bool alignments);

// What people call the type: "struct point", "ns::widget", "struct outer::inner".
[[nodiscard]] std::string subject_of(const Relations& relations, const Pair& pair);

void compare_records(Relations& relations, std::uint32_t number, bool alignments, TypeChanges& into);
// False where the order of virtual bases changed.
bool compare_virtual_bases(const Relations& relations, std::uint32_t number, const std::string& subject, TypeChanges& into);
void compare_virtual_functions(Relations& relations, std::uint32_t number, const std::string& subject, TypeChanges& into);
void compare_enumerations(const Relations& relations, std::uint32_t number, TypeChanges& into);

// "byte 8", "bit 67".
[[nodiscard]] std::string place_words(std::uint64_t bits);

}  // namespace abiscope::diff
