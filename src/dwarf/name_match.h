// How people name types and functions of a program: by a whole name or a glob.
#pragma once

#include <string_view>

namespace abiscope::dwarf {

// "f<a::b>" of "n::f<a::b>": what stands behind the last "::" outside of brackets.
[[nodiscard]] std::string_view last_component(std::string_view name);

// `pattern` is a name or a glob (*, ?, [...]). It is matched against the qualified name, and where it has no "::" of its own against the
// last component too. A name that holds glob characters itself, such as "f<int*>", matches by being the same.
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view qualified);

}  // namespace abiscope::dwarf
