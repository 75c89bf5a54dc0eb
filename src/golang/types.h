// Type descriptors of a Go program: what reflect knows of every type, with struct fields, methods and interfaces. Descriptors are read one
// at a time; texts point into memory. Source: runtime/type.go, from 1.21 on internal/abi/type.go; what changed when, in types_format.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "bytes/limits.h"
#include "finding/sink.h"
#include "golang/memory.h"
#include "golang/module_data.h"
#include "golang/release.h"

namespace abiscope::golang {

enum class Kind : std::uint8_t {
    invalid,
    bool_,
    int_,
    int8,
    int16,
    int32,
    int64,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
    uintptr,
    float32,
    float64,
    complex64,
    complex128,
    array,
    chan,
    func,
    interface,
    map,
    pointer,
    slice,
    string,
    struct_,
    unsafe_pointer,
};
[[nodiscard]] std::string_view to_string(Kind kind);   // as reflect says it: "ptr", "struct"

struct StructField {
    std::string_view name, tag;
    std::string_view package;      // of a name that is not exported
    std::uint64_t type = 0;        // address of the descriptor
    std::uint64_t offset = 0;      // bytes
    bool embedded = false;
};

struct InterfaceMethod {
    std::string_view name, package;
    std::uint64_t type = 0;
};

struct Method {
    std::string_view name, package;
    std::uint64_t type = 0;        // 0: the linker left the method out
    std::uint64_t called_by_interface = 0, function = 0;   // addresses of code; 0: not there
};

// Addresses that name another type are those of its descriptor.
struct Type {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::uint64_t pointer_bytes = 0;   // the garbage collector looks no further
    std::uint32_t hash = 0;
    std::uint32_t alignment = 0, field_alignment = 0;
    Kind kind = Kind::invalid;
    bool named = false;
    std::string_view text;             // "main.Node", "map[string]*main.Node"
    std::string_view package;          // import path; of a named type
    std::uint64_t pointer_to_this = 0; // 0: there is none
    std::uint64_t element = 0;         // of an array, channel, map, pointer or slice
    std::uint64_t key = 0;             // of a map
    std::uint64_t length = 0;          // of an array
    std::uint8_t direction = 0;        // of a channel: 1 receive, 2 send, 3 both
    bool variadic = false;
    std::uint64_t descriptor_size = 0; // bytes of the descriptor with what follows it
    std::vector<StructField> fields;
    std::vector<InterfaceMethod> interface_methods;
    std::vector<std::uint64_t> in, out;
    std::vector<Method> methods;
};

// The name after the package: "Node", "Pair[main.Number]"; empty for a type without one.
[[nodiscard]] std::string_view name_of(const Type& type);

struct Itab {
    std::uint64_t address = 0, interface = 0, type = 0;
    std::vector<std::uint64_t> functions;   // first 0: the type does not have these methods
};

class TypeReader {
public:
    // `old_maps`: Go 1.24 or 1.25 built with GOEXPERIMENT=noswissmap.
    TypeReader(const Memory& memory, const Module& module, Release release, bool old_maps = false);

    // Errors: not_found when nothing is at that address; truncated, bad_value when it is no descriptor.
    [[nodiscard]] Result<Type> read(std::uint64_t address) const;
    // The same into a Type whose vectors are used again.
    [[nodiscard]] Result<void> read(std::uint64_t address, Type& out) const;
    [[nodiscard]] Result<Itab> read_itab(std::uint64_t address) const;
    [[nodiscard]] const Memory& memory() const { return memory_; }
    [[nodiscard]] const Module& module() const { return module_; }
    [[nodiscard]] std::uint64_t itab_size(const Itab& itab) const { return itab_functions_ + itab.functions.size() * memory_.word(); }

    struct Name {
        std::string_view text, tag, package;
        bool exported = false, embedded = false;
    };
    [[nodiscard]] std::optional<Name> name_at(std::uint64_t address) const;

private:
    struct Members {
        std::optional<Name> package;
        std::uint64_t list = 0, count = 0;
    };
    [[nodiscard]] Members members_at(std::uint64_t address) const;
    Result<void> read_kind(std::uint64_t address, Type& out) const;
    Result<void> read_uncommon(std::uint64_t address, Type& out) const;
    Result<void> read_struct(std::uint64_t address, Type& out) const;
    Result<void> read_interface(std::uint64_t address, Type& out) const;
    Result<void> read_signature(std::uint64_t address, std::uint64_t parameters, Type& out) const;
    [[nodiscard]] std::uint64_t code_at(std::uint32_t offset) const;
    [[nodiscard]] std::optional<std::pair<std::string_view, std::uint64_t>> text_at(std::uint64_t address) const;
    [[nodiscard]] std::uint64_t type_at(std::int32_t offset) const;

    const Memory& memory_;
    const Module& module_;
    Release release_;
    std::uint64_t map_size_ = 0;         // bytes of the descriptor of a map
    std::uint64_t itab_functions_ = 0;   // offset of an itab's functions
};

// Every type of the module that its own lists lead to: those reflect can find by their text (the sorted list the linker writes; from 1.27
// on the descriptors at the start of the types), those of the itabs, and what all these hold. Each is handed over once. Findings:
// GO-TYPE-UNREADABLE. Gives the number of types.
std::uint64_t visit_types(const TypeReader& types, const std::function<void(const Type&)>& visit, finding::Sink& sink,
                          const Limits& limits = default_limits);
std::uint64_t visit_itabs(const TypeReader& types, const std::function<void(const Itab&)>& visit, finding::Sink& sink);

}  // namespace abiscope::golang
