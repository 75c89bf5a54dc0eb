// What a walk over types does with an entry, by its tag: looked up once for each abbreviation, not for each entry.
#pragma once

#include <cstdint>

#include "dwarf/spec.h"

namespace abiscope::dwarf {

using Roles = std::uint8_t;

namespace role {
inline constexpr Roles type = 1;       // has a name people ask for: record, enumeration, typedef, base type
inline constexpr Roles record = 2;     // struct, class, union
inline constexpr Roles scope = 4;      // names in it are qualified by its own: namespace, module, record
inline constexpr Roles inner = 8;      // holds types, or members of the record around it
inline constexpr Roles part = 16;      // counts towards the structure of what is around it
inline constexpr Roles alias = 32;     // typedef
inline constexpr Roles function = 64;
inline constexpr Roles variable = 128;
}  // namespace role

[[nodiscard]] constexpr Roles roles_of(std::uint16_t tag) {
    switch (tag) {
        case tag::structure_type:
        case tag::class_type:
        case tag::union_type:
        case tag::interface_type: return role::type | role::record | role::scope | role::inner;
        case tag::enumeration_type:
        case tag::base_type:
        case tag::template_alias: return role::type;
        case tag::typedef_: return role::type | role::alias;
        case tag::namespace_:
        case tag::module: return role::scope | role::inner;
        case tag::compile_unit:
        case tag::partial_unit:
        case tag::type_unit:
        case tag::skeleton_unit:
        case tag::variant_part: return role::inner;
        case tag::variant: return role::inner | role::part;
        case tag::member:
        case tag::inheritance:
        case tag::template_type_parameter:
        case tag::enumerator:
        case tag::subrange_type:
        case tag::generic_subrange:
        case tag::formal_parameter:
        case tag::unspecified_parameters: return role::part;
        case tag::subprogram: return role::function;
        case tag::variable: return role::variable;
        default: return 0;
    }
}

[[nodiscard]] constexpr bool is_record_tag(std::uint16_t tag) { return (roles_of(tag) & role::record) != 0; }

}  // namespace abiscope::dwarf
