// Go's types. cmd/internal/dwarf and cmd/link/internal/ld/dwarf.go give every type its reflect.Kind as DW_AT_go_kind.
#include <utility>

#include "dwarf/builder.h"
#include "dwarf/hash.h"
#include "dwarf/places.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

using abi::Kind;
using abi::Type;
using abi::TypeId;

std::optional<TypeId> TypeBuilder::make_go(const Entry& entry, unsigned depth) {
    auto kind = entry.has(Slot::go_kind) ? constant(entry, Slot::go_kind) : std::nullopt;
    if (!kind) return std::nullopt;
    std::uint64_t word = entry.unit().encoding.address_size;
    Type type{.language = abi::Language::go, .name = kept(reader_.name(entry))};
    std::uint64_t size = word;
    switch (*kind) {
        case go_kind::string:
            type.kind = Kind::go_string;
            size = 2 * word;
            break;
        case go_kind::slice:
            type.kind = Kind::go_slice;
            size = 3 * word;
            break;
        case go_kind::interface:
            type.kind = Kind::go_interface;
            size = 2 * word;
            break;
        case go_kind::map: type.kind = Kind::go_map; break;
        case go_kind::chan: type.kind = Kind::go_channel; break;
        case go_kind::func: type.kind = Kind::go_function; break;
        case go_kind::pointer:
        case go_kind::unsafe_pointer: type.kind = Kind::pointer; break;
        default: return std::nullopt;
    }
    // A named type of another's kind has the kind and nothing else ("type T map[K]V"): what it is comes from the type below.
    if (*kind == go_kind::pointer) {
        type.target = target_of(entry, depth);
    } else if (entry.has(Slot::go_elem)) {
        type.target = target_of(entry, depth, Slot::go_elem);
    }
    if (*kind == go_kind::map) type.owner = target_of(entry, depth, Slot::go_key);
    type.observed.size = constant(entry, Slot::byte_size).value_or(size);
    std::uint64_t key =
        mix(entry.tag, *kind, hash_text(type.name), static_cast<std::uint64_t>(type.target), static_cast<std::uint64_t>(type.owner));
    return intern(key, std::move(type));
}

}  // namespace abiscope::dwarf
