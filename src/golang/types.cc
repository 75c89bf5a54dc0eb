#include "golang/types.h"

#include <array>

#include <fmt/format.h>

#include "golang/release_data.h"
#include "golang/types_format.h"

namespace abiscope::golang {

namespace {

constexpr std::array<std::string_view, 27> kind_names = {
    "invalid", "bool",   "int",       "int8",    "int16",   "int32",   "int64",     "uint",       "uint8",
    "uint16",  "uint32", "uint64",    "uintptr", "float32", "float64", "complex64", "complex128", "array",
    "chan",    "func",   "interface", "map",     "ptr",     "slice",   "string",    "struct",     "unsafe.Pointer"};

constexpr std::uint64_t most_alignment = 64;

std::unexpected<Error> wrong(const Memory& memory, std::uint64_t address, std::string_view what, ErrorCode code = ErrorCode::bad_value) {
    View bytes = memory.at(address);
    return fail(code, fmt::format("Go type descriptor at {:#x}: {}", address, what),
                bytes.empty() ? Error::no_offset : bytes.file_offset());
}

}  // namespace

std::string_view to_string(Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::string_view name_of(const Type& type) {
    if (!type.named) return {};
    // As reflect does: what follows the last dot outside of type arguments.
    std::size_t depth = 0;
    for (std::size_t i = type.text.size(); i-- > 0;) {
        char c = type.text[i];
        if (c == ']') ++depth;
        else if (c == '[' && depth != 0) --depth;
        else if (c == '.' && depth == 0) return type.text.substr(i + 1);
    }
    return type.text;
}

TypeReader::TypeReader(const Memory& memory, const Module& module, Release release, bool old_maps)
    : memory_(memory), module_(module), release_(release) {
    for (const char* name :
         {old_maps ? "internal/abi.OldMapType" : "internal/abi.SwissMapType", "internal/abi.MapType", "runtime.maptype"}) {
        auto layout = struct_layout(name, std::min(release, newest_release), memory.word());
        if (layout && map_size_ == 0) map_size_ = layout->size();
    }
    itab_functions_ = std::uint64_t{3} * memory.word();
    for (auto [type, field] : {std::pair("internal/abi.ITab", "Fun"), std::pair("runtime.itab", "fun")}) {
        if (auto layout = struct_layout(type, std::min(release, newest_release), memory.word()))
            itab_functions_ = layout->field(field)->offset;
    }
}

std::optional<std::pair<std::string_view, std::uint64_t>> TypeReader::text_at(std::uint64_t address) const {
    View bytes = memory_.at(address);
    std::uint64_t length = 0, at = 0;
    if (release_ < names_with_varint) {
        if (bytes.size() < 2) return std::nullopt;
        length = std::to_integer<std::uint64_t>(bytes.data()[0]) << 8 | std::to_integer<std::uint64_t>(bytes.data()[1]);
        at = 2;
    } else {
        for (unsigned shift = 0;; shift += 7) {
            if (at == bytes.size() || shift > 28) return std::nullopt;
            auto byte = std::to_integer<std::uint64_t>(bytes.data()[at++]);
            length |= (byte & 0x7f) << shift;
            if (byte < 0x80) break;
        }
    }
    if (!range_fits(at, length, bytes.size())) return std::nullopt;
    return std::pair(bytes.as_text().substr(at, length), address + at + length);
}

std::optional<TypeReader::Name> TypeReader::name_at(std::uint64_t address) const {
    auto flags = memory_.integer<std::uint8_t>(address);
    if (!flags) return std::nullopt;
    auto text = text_at(address + 1);
    if (!text) return std::nullopt;
    Name out;
    out.text = text->first;
    out.exported = (*flags & name_flag_exported) != 0;
    out.embedded = (*flags & name_flag_embedded) != 0;
    std::uint64_t next = text->second;
    if ((*flags & name_flag_tag) != 0) {
        auto tag = text_at(next);
        if (!tag) return std::nullopt;
        out.tag = tag->first;
        next = tag->second;
    }
    if ((*flags & name_flag_package) != 0) {
        // One step only: the name of a package has none itself.
        auto offset = memory_.integer<std::int32_t>(next);
        if (!offset) return std::nullopt;
        if (auto package = text_at(type_at(*offset) + 1)) out.package = package->first;
    }
    return out;
}

std::uint64_t TypeReader::type_at(std::int32_t offset) const {
    return module_.types.start + static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
}

std::uint64_t TypeReader::code_at(std::uint32_t offset) const {
    if (offset == 0 || offset == 0xffffffff) return 0;
    for (const TextSection& part : module_.sections) {
        if (offset >= part.start && offset < part.end) return part.address + (offset - part.start);
    }
    return module_.text.start + offset;
}

Result<Type> TypeReader::read(std::uint64_t address) const {
    Type out;
    ABISCOPE_CHECK(read(address, out));
    return out;
}

Result<void> TypeReader::read(std::uint64_t address, Type& out) const {
    out.fields.clear();
    out.interface_methods.clear();
    out.in.clear();
    out.out.clear();
    out.methods.clear();
    TypeOffsets at = type_offsets(memory_.word());
    auto bytes = memory_.bytes(address, at.size);
    if (!bytes) return wrong(memory_, address, "its bytes are not there", ErrorCode::not_found);
    auto byte = [&](unsigned offset) { return std::to_integer<std::uint8_t>(bytes->data()[offset]); };
    auto i32 = [&](unsigned offset) { return load<std::int32_t>(bytes->data() + offset, memory_.order()); };
    out.address = address;
    out.size = *memory_.pointer(address);
    out.pointer_bytes = *memory_.pointer(address + at.pointer_bytes);
    out.hash = static_cast<std::uint32_t>(i32(at.hash));
    out.alignment = byte(at.alignment);
    out.field_alignment = byte(at.field_alignment);
    std::uint8_t flags = byte(at.flags);
    std::uint8_t kind = byte(at.kind) & kind_mask;
    if (kind == 0 || kind >= kind_names.size()) return wrong(memory_, address, fmt::format("there is no kind {}", kind));
    if (!is_power_of_two(out.alignment) || out.alignment > most_alignment || out.pointer_bytes > out.size)
        return wrong(memory_, address, "alignment or pointer bytes make no sense");
    out.kind = static_cast<Kind>(kind);
    out.named = (flags & type_flag_named) != 0;
    auto name = name_at(type_at(i32(at.text)));
    if (!name || name->text.empty()) return wrong(memory_, address, "it has no name");
    out.text = name->text;
    if ((flags & type_flag_extra_star) != 0) {
        if (!out.text.starts_with('*')) return wrong(memory_, address, "its name has no star");
        out.text.remove_prefix(1);
    }
    std::int32_t pointer = i32(at.pointer_to_this);
    out.pointer_to_this = pointer == 0 ? 0 : type_at(pointer);
    out.package = {};
    out.element = out.key = out.length = 0;
    out.direction = 0;
    out.variadic = false;
    ABISCOPE_CHECK(read_kind(address, out));
    bool uncommon = (flags & type_flag_uncommon) != 0;
    std::uint64_t after = address + out.descriptor_size;
    if (uncommon) {
        ABISCOPE_CHECK(read_uncommon(after, out));
        out.descriptor_size += uncommon_size;
    }
    if (out.kind == Kind::func) ABISCOPE_CHECK(read_signature(address, address + out.descriptor_size, out));
    // What from 1.27 on follows in a row.
    out.descriptor_size += out.in.size() * memory_.word() + out.out.size() * memory_.word() + out.fields.size() * 3 * memory_.word() +
        out.interface_methods.size() * interface_method_size + out.methods.size() * method_size;
    return {};
}

Result<void> TypeReader::read_kind(std::uint64_t address, Type& out) const {
    std::uint64_t word = memory_.word();
    std::uint64_t base = type_offsets(word).size;
    auto pointer = [&](unsigned index) { return memory_.pointer(address + base + index * word).value_or(0); };
    auto needs = [&](std::uint64_t size) { return memory_.bytes(address, base + size).has_value(); };
    std::uint64_t more = 0;
    switch (out.kind) {
        case Kind::array:
            more = 3 * word;
            out.element = pointer(0);
            out.length = pointer(2);
            break;
        case Kind::chan:
            more = 2 * word;
            out.element = pointer(0);
            out.direction = static_cast<std::uint8_t>(pointer(1) & 3);
            break;
        case Kind::func: more = align_up(4, word); break;
        case Kind::interface: more = 4 * word; break;
        case Kind::map:
            more = map_size_ - base;
            out.key = pointer(0);
            out.element = pointer(1);
            break;
        case Kind::pointer:
        case Kind::slice:
            more = word;
            out.element = pointer(0);
            break;
        case Kind::struct_: more = 4 * word; break;
        default: break;
    }
    if (!needs(more)) return wrong(memory_, address, "its bytes are not all there", ErrorCode::truncated);
    out.descriptor_size = base + more;
    if (out.kind == Kind::struct_) return read_struct(address + base, out);
    if (out.kind == Kind::interface) return read_interface(address + base, out);
    return {};
}

// What a struct's fields and an interface's methods are behind: a package, and a slice.
TypeReader::Members TypeReader::members_at(std::uint64_t address) const {
    std::uint64_t word = memory_.word();
    return {name_at(memory_.pointer(address).value_or(0)), memory_.pointer(address + word).value_or(0),
            memory_.pointer(address + 2 * word).value_or(0)};
}

Result<void> TypeReader::read_struct(std::uint64_t address, Type& out) const {
    std::uint64_t word = memory_.word();
    auto [package, list, count] = members_at(address);
    if (count > memory_.at(list).size() / (3 * word))
        return wrong(memory_, out.address, "its fields are not all there", ErrorCode::truncated);
    out.fields.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t at = list + i * 3 * word;
        auto name = name_at(memory_.pointer(at).value_or(0));
        if (!name) return wrong(memory_, out.address, fmt::format("field {} has no name", i));
        StructField field{.name = name->text,
                          .tag = name->tag,
                          .package = {},
                          .type = memory_.pointer(at + word).value_or(0),
                          .offset = memory_.pointer(at + 2 * word).value_or(0),
                          .embedded = name->embedded};
        if (release_ < plain_field_offsets) {
            field.embedded = (field.offset & 1) != 0;
            field.offset >>= 1;
        }
        if (!name->exported && package) field.package = package->text;
        if (field.offset > out.size) return wrong(memory_, out.address, fmt::format("field {} lies outside", i));
        out.fields.push_back(field);
    }
    return {};
}

Result<void> TypeReader::read_interface(std::uint64_t address, Type& out) const {
    auto [package, list, count] = members_at(address);
    if (count > memory_.at(list).size() / interface_method_size)
        return wrong(memory_, out.address, "its methods are not all there", ErrorCode::truncated);
    out.interface_methods.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t at = list + i * interface_method_size;
        auto name = name_at(type_at(memory_.integer<std::int32_t>(at).value_or(0)));
        if (!name) return wrong(memory_, out.address, fmt::format("method {} has no name", i));
        InterfaceMethod method{.name = name->text, .package = {}, .type = type_at(memory_.integer<std::int32_t>(at + 4).value_or(0))};
        if (!name->exported) method.package = !name->package.empty() || !package ? name->package : package->text;
        out.interface_methods.push_back(method);
    }
    return {};
}

Result<void> TypeReader::read_signature(std::uint64_t address, std::uint64_t parameters, Type& out) const {
    std::uint64_t word = memory_.word();
    std::uint64_t base = type_offsets(word).size;
    std::uint64_t in = memory_.integer<std::uint16_t>(address + base).value_or(0);
    std::uint16_t results = memory_.integer<std::uint16_t>(address + base + 2).value_or(0);
    out.variadic = (results & variadic_bit) != 0;
    results &= static_cast<std::uint16_t>(~variadic_bit);
    if (in + results > memory_.at(parameters).size() / word && in + results != 0)
        return wrong(memory_, address, "its parameters are not all there", ErrorCode::truncated);
    for (std::uint64_t i = 0; i < in + results; ++i)
        (i < in ? out.in : out.out).push_back(memory_.pointer(parameters + i * word).value_or(0));
    return {};
}

Result<void> TypeReader::read_uncommon(std::uint64_t address, Type& out) const {
    auto bytes = memory_.bytes(address, uncommon_size);
    if (!bytes) return wrong(memory_, out.address, "what it has of methods is not there", ErrorCode::truncated);
    std::int32_t package = load<std::int32_t>(bytes->data(), memory_.order());
    std::uint64_t count = load<std::uint16_t>(bytes->data() + 4, memory_.order());
    std::uint64_t list = address + load<std::uint32_t>(bytes->data() + 8, memory_.order());
    if (package != 0) {
        auto name = name_at(type_at(package));
        if (!name) return wrong(memory_, out.address, "the path of its package is not there");
        out.package = name->text;
    }
    if (count == 0) return {};
    View methods = memory_.at(list);
    if (count > methods.size() / method_size) return wrong(memory_, out.address, "its methods are not all there", ErrorCode::truncated);
    out.methods.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        auto i32 = [&](unsigned field) { return load<std::int32_t>(methods.data() + i * method_size + field, memory_.order()); };
        auto name = name_at(type_at(i32(0)));
        if (!name) return wrong(memory_, out.address, fmt::format("method {} has no name", i));
        Method method{.name = name->text,
                      .package = name->package,
                      .type = i32(4) == 0 || i32(4) == -1 ? 0 : type_at(i32(4)),
                      .called_by_interface = code_at(static_cast<std::uint32_t>(i32(8))),
                      .function = code_at(static_cast<std::uint32_t>(i32(12)))};
        if (method.package.empty() && !name->exported) method.package = out.package;
        out.methods.push_back(method);
    }
    return {};
}

Result<Itab> TypeReader::read_itab(std::uint64_t address) const {
    std::uint64_t word = memory_.word();
    Itab out;
    out.address = address;
    auto interface = memory_.pointer(address);
    auto type = memory_.pointer(address + word);
    if (!interface || !type) return wrong(memory_, address, "no itab is there", ErrorCode::not_found);
    out.interface = *interface;
    out.type = *type;
    Type of;
    ABISCOPE_CHECK(read(out.interface, of));
    if (of.kind != Kind::interface) return wrong(memory_, address, "the itab is not for an interface");
    std::uint64_t functions = address + itab_functions_;
    std::size_t count = std::max<std::size_t>(1, of.interface_methods.size());
    if (count > memory_.at(functions).size() / word) return wrong(memory_, address, "the itab is not all there", ErrorCode::truncated);
    for (std::size_t i = 0; i < count; ++i) out.functions.push_back(memory_.pointer(functions + i * word).value_or(0));
    return out;
}

}  // namespace abiscope::golang
