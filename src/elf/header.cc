#include "elf/header.h"

#include <cstring>

#include "bytes/reader.h"
#include "elf/spec.h"

namespace abiscope::elf {

namespace {

// The kernel and the loaders of a machine read its one layout whatever EI_CLASS and EI_DATA say; when those are out of range the
// machine's usual ones are the only sensible reading.
Encoding usual_encoding(std::uint16_t machine_little, std::uint16_t machine_big) {
    switch (machine_little) {
        case em_x86_64:
        case em_aarch64:
        case em_riscv:
        case em_loongarch:
        case em_ia64:
        case em_bpf: return {true, Endian::little};
        case em_386:
        case em_486:
        case em_arm: return {false, Endian::little};
        default: break;
    }
    switch (machine_big) {
        case em_ppc64:
        case em_sparcv9:
        case em_s390: return {true, Endian::big};
        case em_ppc:
        case em_sparc:
        case em_mips: return {false, Endian::big};
        default: return {true, Endian::little};
    }
}

}  // namespace

Result<Header> read_header_as(View file, Encoding encoding) {
    ABISCOPE_TRY(View least, file.slice(0, encoding.wide ? header_size_64 : header_size_32, "ELF header"));
    Header header;
    std::memcpy(header.ident.data(), least.data(), header.ident.size());
    Reader reader(least, encoding.order, "ELF header");
    reader.seek(16);
    header.type = reader.u16();
    header.machine = reader.u16();
    header.version = reader.u32();
    header.entry = reader.word(encoding.wide);
    header.phoff = reader.word(encoding.wide);
    header.shoff = reader.word(encoding.wide);
    header.flags = reader.u32();
    header.ehsize = reader.u16();
    header.phentsize = reader.u16();
    header.phnum = reader.u16();
    header.shentsize = reader.u16();
    header.shnum = reader.u16();
    header.shstrndx = reader.u16();
    if (!reader.ok()) return fail(reader.error());
    return header;
}

Result<HeaderAndEncoding> read_header(View file) {
    if (!file.starts_with("\x7f"
                          "ELF")) {
        return fail(Error{.code = ErrorCode::bad_magic,
                          .what = "not an ELF file",
                          .file = {},
                          .offset = file.file_offset(),
                          .wanted = "7f 45 4c 46",
                          .had = {}});
    }
    ABISCOPE_TRY(View least, file.slice(0, header_size_32, "ELF header"));

    HeaderAndEncoding out;
    out.header.ident[4] = static_cast<std::uint8_t>(least.data()[4]);
    out.header.ident[5] = static_cast<std::uint8_t>(least.data()[5]);
    Encoding usual =
        usual_encoding(load<std::uint16_t>(least.data() + 18, Endian::little), load<std::uint16_t>(least.data() + 18, Endian::big));
    std::uint8_t ident_class = out.header.ident_class();
    std::uint8_t ident_data = out.header.ident_data();
    out.encoding.wide = ident_class == class_32 ? false : ident_class == class_64 ? true : usual.wide;
    out.encoding.order = ident_data == data_little ? Endian::little : ident_data == data_big ? Endian::big : usual.order;

    ABISCOPE_TRY(out.header, read_header_as(file, out.encoding));
    return out;
}

FieldPlace place_of(HeaderField field, Encoding encoding) {
    std::uint64_t word = encoding.wide ? 8 : 4;
    std::uint64_t after_words = 24 + 3 * word;
    switch (field) {
        case HeaderField::ident_class: return {4, 1};
        case HeaderField::ident_data: return {5, 1};
        case HeaderField::os_abi: return {7, 1};
        case HeaderField::abi_version: return {8, 1};
        case HeaderField::type: return {16, 2};
        case HeaderField::machine: return {18, 2};
        case HeaderField::version: return {20, 4};
        case HeaderField::entry: return {24, word};
        case HeaderField::phoff: return {24 + word, word};
        case HeaderField::shoff: return {24 + 2 * word, word};
        case HeaderField::flags: return {after_words, 4};
        case HeaderField::phentsize: return {after_words + 6, 2};
        case HeaderField::phnum: return {after_words + 8, 2};
        case HeaderField::shentsize: return {after_words + 10, 2};
        case HeaderField::shnum: return {after_words + 12, 2};
        case HeaderField::shstrndx: return {after_words + 14, 2};
    }
    return {0, 0};
}

}  // namespace abiscope::elf
