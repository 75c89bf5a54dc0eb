#include "macho/header.h"

#include "base/text.h"
#include "bytes/reader.h"
#include "macho/spec.h"

namespace abiscope::macho {

namespace {

struct Shape {
    bool wide;
    Endian order;
};

std::optional<Shape> shape_of(View bytes) {
    if (bytes.size() < 4) return std::nullopt;
    for (Endian order : {Endian::little, Endian::big}) {
        auto magic = load<std::uint32_t>(bytes.data(), order);
        if (magic == mh_magic) return Shape{false, order};
        if (magic == mh_magic_64) return Shape{true, order};
    }
    return std::nullopt;
}

}  // namespace

bool Header::is_arm64() const { return cpu_type == cpu_arm64 || cpu_type == cpu_arm64_32; }

bool Header::is_final_image() const {
    return file_type == mh_execute || file_type == mh_dylib || file_type == mh_bundle || file_type == mh_dylinker;
}

std::string Header::arch() const { return arch_name(cpu_type, cpu_subtype); }

std::optional<PointerAuthAbi> Header::pointer_auth_abi() const {
    if (cpu_type != cpu_arm64 || (cpu_subtype & cpu_subtype_mask) != cpu_subtype_arm64_e) return std::nullopt;
    return PointerAuthAbi{.version = static_cast<std::uint8_t>((cpu_subtype & cpu_subtype_ptrauth_version_mask) >> 24),
                          .versioned = (cpu_subtype & cpu_subtype_ptrauth_versioned) != 0,
                          .kernel = (cpu_subtype & cpu_subtype_ptrauth_kernel) != 0};
}

bool is_macho(View bytes) { return shape_of(bytes).has_value(); }

Result<Header> read_header(View bytes) {
    auto shape = shape_of(bytes);
    if (!shape) {
        return fail({.code = ErrorCode::bad_magic,
                     .what = "not a Mach-O file",
                     .file = {},
                     .offset = bytes.file_offset(),
                     .wanted = "0xfeedface or 0xfeedfacf in either byte order",
                     .had = bytes.size() < 4 ? "fewer than 4 bytes" : text::hex_bytes(bytes.bytes().first(4))});
    }
    Reader reader(bytes, shape->order, "the Mach-O header");
    Header header;
    header.file_offset = bytes.file_offset();
    header.wide = shape->wide;
    header.order = shape->order;
    reader.skip(4);
    header.cpu_type = reader.u32();
    header.cpu_subtype = reader.u32();
    header.file_type = reader.u32();
    header.command_count = reader.u32();
    header.commands_size = reader.u32();
    header.flags = reader.u32();
    if (header.wide) header.reserved = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    return header;
}

}  // namespace abiscope::macho
