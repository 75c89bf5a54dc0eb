// The prose of a finding: its title with the arguments filled in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "finding/finding.h"

namespace abiscope::report {

// The same with C++ and Rust names as their authors wrote them.
[[nodiscard]] std::string title_for_people(const finding::Finding& finding);

// The rule's title with every {argument} replaced by its value, made safe to print. A place nobody filled stays as it is.
[[nodiscard]] std::string title(const finding::Finding& finding);

// Any other text of a rule with such places; the second with C++ and Rust names as their authors wrote them.
[[nodiscard]] std::string filled(std::string_view form, const std::vector<finding::NamedArgument>& arguments);
[[nodiscard]] std::string filled_for_people(std::string_view form, const std::vector<finding::NamedArgument>& arguments);

// One line: "offset 0x40, 8 bytes: elf/dynamic[7].d_val = ..." or "the target's glibc: 2.28".
[[nodiscard]] std::string describe(const finding::Evidence& evidence);

[[nodiscard]] std::string to_text(const finding::Argument& argument);

}  // namespace abiscope::report
