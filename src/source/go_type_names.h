// Names of Go that stand for a type the package declares: aliases and types derived from it, in functions too. Told by tokens.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "source/go_syntax.h"

namespace abiscope::source {

struct GoTypeNames {
    // `type A = T`, `type A T`, `type A T[int]`: A -> T.
    std::multimap<std::string_view, std::string_view> same;
    // `type A []T`, `type A map[K]*T`: the names within. Not of structs.
    std::map<std::string_view, std::set<std::string_view>> within;

    // The name itself, and what it stands for, at any distance.
    [[nodiscard]] std::set<std::string_view> meant_by(std::string_view name) const;
    // The name itself, and all names within what it stands for.
    [[nodiscard]] std::set<std::string_view> found_in(std::string_view name) const;
};

// A name that a function gives another meaning has both.
[[nodiscard]] GoTypeNames go_type_names(const std::vector<GoFile>& files);

}  // namespace abiscope::source
