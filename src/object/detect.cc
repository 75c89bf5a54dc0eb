#include "object/detect.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/endian.h"

namespace abiscope::object {

namespace {

using namespace std::string_view_literals;

struct Magic {
    std::string_view bytes;
    std::uint64_t offset;
    FileKind kind;
    std::string_view detail;
};

// Magic numbers as each format's own specification gives them.
constexpr Magic magics[] = {
    {"!<arch>\n"sv, 0, FileKind::archive, "ar archive"},
    {"!<thin>\n"sv, 0, FileKind::archive, "thin ar archive"},
    {"BC\xc0\xde"sv, 0, FileKind::bitcode, "LLVM bitcode"},
    {"\xde\xc0\x17\x0b"sv, 0, FileKind::bitcode, "LLVM bitcode (wrapped)"},
    {"\0asm"sv, 0, FileKind::wasm, "WebAssembly"},
    {"\x1f\x8b"sv, 0, FileKind::compressed, "gzip"},
    {"\xfd"
     "7zXZ\0"sv,
     0, FileKind::compressed, "xz"},
    {"\x28\xb5\x2f\xfd"sv, 0, FileKind::compressed, "zstd"},
    {"BZh"sv, 0, FileKind::compressed, "bzip2"},
    {"\x04\x22\x4d\x18"sv, 0, FileKind::compressed, "lz4"},
    {"\x89LZO\0"sv, 0, FileKind::compressed, "lzo"},
    {"PK\x03\x04"sv, 0, FileKind::package, "zip"},
    {"PK\x05\x06"sv, 0, FileKind::package, "zip"},
    {"\xed\xab\xee\xdb"sv, 0, FileKind::package, "rpm"},
    {"7z\xbc\xaf\x27\x1c"sv, 0, FileKind::package, "7z"},
    {"MSCF\0\0\0\0"sv, 0, FileKind::package, "cab"},
    {"ustar"sv, 257, FileKind::package, "tar"},
};

// A fat Mach-O and a Java class both start with cafebabe. What follows is the number of slices (a handful) or the class file's minor and
// major version (major 45 and up), so a count below 45 is a fat file.
constexpr std::uint32_t first_java_major = 45;

bool is_java(View bytes) { return bytes.size() >= 8 && load<std::uint32_t>(bytes.data() + 4, Endian::big) >= first_java_major; }

bool is_macho_magic(View bytes) {
    if (bytes.size() < 4) return false;
    std::uint32_t magic = load<std::uint32_t>(bytes.data(), Endian::big);
    return magic == 0xfeedface || magic == 0xfeedfacf || magic == 0xcefaedfe || magic == 0xcffaedfe;
}

bool has_pe_signature(View bytes) {
    if (bytes.size() < 0x40) return false;
    return bytes.starts_with("PE\0\0"sv, load<std::uint32_t>(bytes.data() + 0x3c, Endian::little));
}

// COFF objects have no magic: a known machine, a plausible section count, and a symbol table inside the file.
bool is_coff_object(View bytes) {
    constexpr std::uint16_t machines[] = {0x14c, 0x8664, 0x1c0, 0x1c4, 0xaa64, 0xa641, 0x200};
    if (bytes.size() < 20) return false;
    std::uint16_t machine = load<std::uint16_t>(bytes.data(), Endian::little);
    std::uint16_t sections = load<std::uint16_t>(bytes.data() + 2, Endian::little);
    if (machine == 0 && sections == 0xffff) {
        std::uint16_t version = load<std::uint16_t>(bytes.data() + 4, Endian::little);
        std::uint16_t big_machine = load<std::uint16_t>(bytes.data() + 6, Endian::little);
        return version == 2 && std::ranges::find(machines, big_machine) != std::end(machines);
    }
    if (std::ranges::find(machines, machine) == std::end(machines) || sections == 0 || sections > 0x7fff) return false;
    std::uint32_t symbols = load<std::uint32_t>(bytes.data() + 8, Endian::little);
    std::uint32_t count = load<std::uint32_t>(bytes.data() + 12, Endian::little);
    std::uint16_t optional_size = load<std::uint16_t>(bytes.data() + 16, Endian::little);
    return optional_size == 0 && range_fits(20, std::uint64_t{sections} * 40, bytes.size()) &&
        range_fits(symbols, std::uint64_t{count} * 18, bytes.size());
}

bool looks_like_text(View bytes) {
    View head = bytes.clamped(0, 4096);
    return std::ranges::none_of(head.bytes(), [](std::byte b) {
        auto c = static_cast<unsigned char>(b);
        return c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b);
    });
}

}  // namespace

Detected detect(View bytes) {
    if (bytes.empty()) return {FileKind::empty, {}};
    if (bytes.starts_with("\x7f"
                          "ELF"))
        return {bytes.size() >= 52 ? FileKind::elf : FileKind::elf_truncated, {}};
    if (bytes.starts_with("MZ")) return has_pe_signature(bytes) ? Detected{FileKind::pe, {}} : Detected{FileKind::dos, "MZ"};
    if (is_macho_magic(bytes)) return {FileKind::macho, {}};
    if (bytes.starts_with("\xca\xfe\xba\xbe") || bytes.starts_with("\xca\xfe\xba\xbf")) {
        bool wide = bytes.starts_with("\xca\xfe\xba\xbf");
        return {!wide && is_java(bytes) ? FileKind::java_class : FileKind::macho_fat, {}};
    }
    if (bytes.starts_with("#!")) {
        std::string_view head = bytes.clamped(2, 255).as_text();
        std::string_view line = head.substr(0, head.find('\n'));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        // fs/binfmt_script.c strips spaces and tabs at the end, and nothing else: a carriage return is part of the name.
        line = line.substr(0, line.find_last_not_of(" \t") + 1);
        return {FileKind::script, std::string(line)};
    }
    for (const Magic& magic : magics) {
        if (bytes.starts_with(magic.bytes, magic.offset)) return {magic.kind, std::string(magic.detail)};
    }
    if (is_coff_object(bytes)) return {FileKind::coff, {}};
    return {looks_like_text(bytes) ? FileKind::text : FileKind::data, {}};
}

std::string_view format_name(FileKind kind) {
    switch (kind) {
        case FileKind::empty: return "empty";
        case FileKind::elf:
        case FileKind::elf_truncated: return "ELF";
        case FileKind::pe: return "PE";
        case FileKind::dos: return "MZ";
        case FileKind::coff: return "COFF";
        case FileKind::macho: return "Mach-O";
        case FileKind::macho_fat: return "fat Mach-O";
        case FileKind::archive: return "archive";
        case FileKind::bitcode: return "LLVM bitcode";
        case FileKind::wasm: return "WebAssembly";
        case FileKind::java_class: return "Java class";
        case FileKind::script: return "script";
        case FileKind::compressed: return "compressed";
        case FileKind::package: return "package";
        case FileKind::text: return "text";
        case FileKind::data: return "data";
    }
    return "data";
}

std::string describe(const Detected& detected) {
    switch (detected.kind) {
        case FileKind::empty: return "an empty file";
        case FileKind::elf: return "an ELF file";
        case FileKind::elf_truncated: return "an ELF file cut off inside its header";
        case FileKind::pe: return "a Windows PE image";
        case FileKind::dos: return "a DOS program or an older Windows one (MZ header, no PE signature)";
        case FileKind::coff: return "a COFF object file, not linked yet";
        case FileKind::macho: return "a Mach-O file";
        case FileKind::macho_fat: return "a universal (fat) Mach-O file: several programs in one";
        case FileKind::archive: return fmt::format("{} (a static library), not a program", detected.detail);
        case FileKind::bitcode: return fmt::format("{}: a compiler's intermediate code, not linked yet", detected.detail);
        case FileKind::wasm: return "a WebAssembly module: it needs a runtime such as wasmtime or a browser";
        case FileKind::java_class: return "a Java class file: run it with `java`";
        case FileKind::script:
            return fmt::format(
                "a script, run by `{}`{}", text::printable(detected.detail),
                detected.detail.ends_with('\r') ? ": the line ends in a carriage return, which Linux takes for a part of the name" : "");
        case FileKind::compressed: return fmt::format("{}-compressed data: unpack it first", detected.detail);
        case FileKind::package: return fmt::format("a {} archive: unpack it first", detected.detail);
        case FileKind::text: return "text, not a program";
        case FileKind::data: return "data of no known format";
    }
    return "data of no known format";
}

}  // namespace abiscope::object
