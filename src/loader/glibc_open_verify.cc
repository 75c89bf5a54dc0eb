#include "loader/glibc_open_verify.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/checked.h"
#include "elf/spec.h"
#include "loader/glibc_damage.h"
#include "loader/glibc_damaged_tables.h"
#include "loader/glibc_messages.h"

namespace abiscope::loader {

namespace {

using Kind = Acceptance::Kind;
namespace text = glibc_text;

constexpr std::uint8_t osabi_sysv = 0, osabi_gnu = 3, osabi_arm_aeabi = 64;
constexpr std::uint8_t first_unknown_abi_version = 4;     // libc-abis: DEFAULT, UNIQUE, IFUNC, ABSOLUTE
constexpr std::uint64_t task_size = std::uint64_t{1} << 47;
constexpr std::uint8_t elf_version = 1;
constexpr std::uint64_t header_buffer = 832;          // struct filebuf: program headers that lie in it are not read again
constexpr std::uint64_t most_zeros = std::uint64_t{4} << 30;   // more zero-filled memory than any machine surely has

Acceptance fatal(std::string_view reason, std::uint64_t offset, std::uint64_t size, int error = 0) {
    return {.kind = Kind::fatal, .reason = reason, .error = error, .offset = offset, .size = size};
}

// e_ident, in the order the loader looks for the guilty byte once it knows that one is wrong.
std::optional<Acceptance> verify_ident(View file, const GlibcMachine& machine) {
    auto byte = [&](std::uint64_t i) { return static_cast<std::uint8_t>(file.data()[i]); };
    std::uint8_t wanted_class = machine.wide ? elf::class_64 : elf::class_32;
    std::uint8_t wanted_data = machine.big_endian ? elf::data_big : elf::data_little;
    bool abi_version_valid = byte(8) == 0 || (byte(7) == osabi_gnu && byte(8) < first_unknown_abi_version);
    bool padding_valid = std::ranges::all_of(file.bytes().subspan(9, 7), [](std::byte b) { return b == std::byte{0}; });
    if (!file.starts_with("\x7f"
                          "ELF"))
        return fatal(text::invalid_header, 0, 4);
    if (byte(4) != wanted_class) {
        return Acceptance{.kind = Kind::other_class,
                          .reason = machine.wide ? text::wrong_class_32 : text::wrong_class_64,
                          .error = ENOENT,
                          .offset = 4,
                          .size = 1};
    }
    if (byte(5) != wanted_data) return fatal(machine.big_endian ? text::not_big_endian : text::not_little_endian, 5, 1);
    if (byte(6) != elf_version) return fatal(text::wrong_ident_version, 6, 1);
    // sysdeps/arm/ldsodefs.h
    bool arm = machine.machine == elf::em_arm && byte(7) == osabi_arm_aeabi;
    if (byte(7) != osabi_sysv && byte(7) != osabi_gnu && !arm) return fatal(text::wrong_os_abi, 7, 1);
    if (!abi_version_valid) return fatal(text::wrong_abi_version, 8, 1);
    if (!padding_valid) return fatal(text::nonzero_padding, 9, 7);
    return std::nullopt;
}

}  // namespace

Acceptance verify_header(const Module& module, const VerifyRules& rules) {
    if (module.description() != nullptr) return {};
    View file = module.bytes();
    std::uint64_t header_size = rules.machine.wide ? elf::header_size_64 : elf::header_size_32;
    if (file.size() < header_size) return fatal(text::too_short, 0, file.size());
    if (auto refused = verify_ident(file, rules.machine)) return *refused;

    const elf::Image& image = *module.image();
    const elf::Header& header = image.header();
    auto place = [&](elf::HeaderField field) { return elf::place_of(field, image.encoding()); };
    if (header.version != elf_version) {
        auto at = place(elf::HeaderField::version);
        return fatal(text::wrong_version, at.offset, at.size);
    }
    if (header.machine != rules.machine.machine || (header.flags & rules.flags_mask) != rules.flags_value) {
        auto at = place(header.machine != rules.machine.machine ? elf::HeaderField::machine : elf::HeaderField::flags);
        return {.kind = Kind::skipped, .reason = "for another machine", .error = ENOENT, .offset = at.offset, .size = at.size};
    }
    if (header.type != elf::et_dyn && header.type != elf::et_exec) {
        auto at = place(elf::HeaderField::type);
        return fatal(text::wrong_type, at.offset, at.size);
    }
    std::uint64_t record = rules.machine.wide ? 56 : 32;
    if (header.phentsize != record) {
        auto at = place(elf::HeaderField::phentsize);
        return fatal(text::wrong_phentsize, at.offset, at.size);
    }
    if (header.phoff + header.phnum * record < header.phoff &&
        header.phoff + header.phnum * record <= std::min(header_buffer, file.size())) {
        auto at = place(elf::HeaderField::phoff);
        return {.kind = Kind::undecided,
                .reason = "what lies in the loader's memory before the header: the program headers are said to be there",
                .error = 0,
                .offset = at.offset,
                .size = at.size};
    }
    if (!range_fits(header.phoff, header.phnum * record, file.size())) {
        auto at = place(elf::HeaderField::phoff);
        // pread(2) refuses an offset that is negative as a signed number.
        return fatal(text::cannot_read, at.offset, at.size, header.phoff >> 63 != 0 ? EINVAL : 0);
    }
    if (rules.rules.kernel_floor && !rules.kernel.empty()) {
        if (const auto& tag = module.notes().abi_tag) {
            Version floor{tag->version[0], tag->version[1], tag->version[2]};
            if (tag->os != 0 || rules.kernel < floor) {
                return {.kind = Kind::skipped,
                        .reason = "its NT_GNU_ABI_TAG asks for another system or a newer kernel",
                        .error = ENOENT,
                        .offset = tag->record_offset,
                        .size = 32};
            }
        }
    }
    return {};
}

// Up to 2.34 elf_get_dynamic_info() (elf/get-dynamic-info.h) adds the load address to what it finds, in place; since then l_ld_readonly
// keeps it from doing so (elf/dl-load.c). MIPS and RISC-V never did (DL_RO_DYN_SECTION).
const elf::Segment* written_read_only(const elf::Image& image, const VerifyRules& rules) {
    bool writes = !rules.libc.empty() && rules.libc < Version{2, 35} && rules.machine.machine != elf::em_mips &&
        rules.machine.machine != elf::em_riscv && image.header().type == elf::et_dyn;
    auto dynamic = std::ranges::find(image.segments(), elf::pt_dynamic, &elf::Segment::type);
    if (!writes || dynamic == image.segments().end()) return nullptr;
    const elf::Segment* load = image.load_segment_at(dynamic->vaddr);
    return load != nullptr && !load->writable() ? &*dynamic : nullptr;
}

Acceptance verify_dynamic(const Module& module, const VerifyRules& rules) {
    const elf::Dynamic& dynamic = *module.image()->dynamic();
    if (const elf::Segment* segment = written_read_only(*module.image(), rules)) {
        return {
            .kind = Kind::crash, .reason = "SIGSEGV", .error = 0, .offset = segment->record_offset, .size = rules.machine.wide ? 56U : 32U};
    }
    const GlibcAssertionLines lines = glibc_assertion_lines(rules.libc);
    auto assertion = [&](std::optional<std::uint32_t> line, std::string_view condition) {
        return Acceptance{.kind = Kind::assertion,
                          .reason = condition,
                          .error = static_cast<int>(line.value_or(0)),
                          .offset = dynamic.file_offset,
                          .size = 16};
    };
    if (auto missing = damaged(*module.image()))
        return {.kind = Kind::undecided, .reason = *missing, .error = 0, .offset = dynamic.file_offset, .size = 16};
    std::uint64_t word = rules.machine.wide ? 8 : 4;
    bool rela = rules.machine.machine != elf::em_386 && rules.machine.machine != elf::em_arm;
    auto pltrel = dynamic.value(elf::dt_pltrel);
    if (rela && pltrel && *pltrel != elf::dt_rela) return assertion(lines.pltrel, "info[DT_PLTREL]->d_un.d_val == DT_RELA");
    if (rela && dynamic.has(elf::dt_rela) && dynamic.value(elf::dt_relaent).value_or(3 * word) != 3 * word) {
        return assertion(lines.relaent, "info[DT_RELAENT]->d_un.d_val == sizeof (ElfW(Rela))");
    }
    if (rules.rules.dt_relr && dynamic.has(elf::dt_relr) && dynamic.value(elf::dt_relrent).value_or(word) != word) {
        return assertion(lines.relrent, "info[DT_RELRENT]->d_un.d_val == sizeof (ElfW(Relr))");
    }
    for (std::uint64_t tag : {elf::dt_strtab, elf::dt_symtab}) {
        if (!dynamic.has(tag)) {
            return {.kind = Kind::undecided,
                    .reason = "when the loader first reads the table that is missing: there is no DT_STRTAB or DT_SYMTAB",
                    .error = 0,
                    .offset = dynamic.file_offset,
                    .size = 16};
        }
    }
    if (auto missing = damaged_names(module))
        return {.kind = Kind::undecided, .reason = *missing, .error = 0, .offset = dynamic.file_offset, .size = 16};
    return {};
}

Acceptance verify_segments(const Module& module, const VerifyRules& rules, bool no_execute) {
    if (module.description() != nullptr) return {};
    const elf::Image& image = *module.image();
    std::uint64_t page = rules.page_size;
    const elf::Segment* first = nullptr;
    const elf::Segment* last = nullptr;
    const elf::Segment* dynamic = nullptr;
    std::uint64_t most_align = 0;
    auto record = [&](const elf::Segment& segment) { return segment.record_offset - image.bytes().file_offset(); };
    std::uint64_t record_size = rules.machine.wide ? 56 : 32;
    for (std::size_t i = 0; i < image.segments().size() && i < image.header().phnum; ++i) {
        const elf::Segment& segment = image.segments()[i];
        if (segment.type == elf::pt_dynamic) {
            if (segment.filesz != 0) dynamic = &segment;
        }
        if (segment.type != elf::pt_load) continue;
        if (rules.rules.segments_by_page) {
            if (((segment.vaddr - segment.offset) & (page - 1)) != 0) return fatal(text::align_both, record(segment), record_size);
        } else {
            if ((segment.align & (page - 1)) != 0) return fatal(text::align_page, record(segment), record_size);
            if (((segment.vaddr - segment.offset) & (segment.align - 1)) != 0)
                return fatal(text::align_offset, record(segment), record_size);
        }
        if (first == nullptr) first = &segment;
        last = &segment;
        // Alignment beyond the page is heeded since 2.35.
        if (rules.rules.segments_by_page && (segment.align & (segment.align - 1)) == 0) most_align = std::max(most_align, segment.align);
    }
    elf::FieldPlace phnum = elf::place_of(elf::HeaderField::phnum, image.encoding());
    elf::FieldPlace type = elf::place_of(elf::HeaderField::type, image.encoding());
    if (first == nullptr) return fatal(text::no_segments, phnum.offset, phnum.size);
    if (image.header().type != elf::et_dyn) return fatal(text::is_executable, type.offset, type.size);
    if (dynamic == nullptr || dynamic->vaddr == 0) return fatal(text::no_dynamic, phnum.offset, phnum.size);

    std::uint64_t length = last->vaddr + last->memsz - align_down(first->vaddr, page);
    if (length == 0 || length >= task_size || most_align >= task_size) return fatal(text::cannot_map, record(*last), record_size);
    for (const elf::Segment& segment : image.segments()) {
        if (no_execute && segment.type == elf::pt_load && segment.executable())
            return fatal(text::cannot_map, record(segment), record_size);
    }
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type == elf::pt_load && segment.memsz > segment.filesz && segment.memsz - segment.filesz > most_zeros) {
            return {.kind = Kind::undecided,
                    .reason = "whether the machine has that much memory for a zero-filled segment",
                    .error = 0,
                    .offset = record(segment),
                    .size = record_size};
        }
    }

    // Pages of the mapping that lie wholly beyond the end of the file kill the reader (mmap(2), SIGBUS).
    std::uint64_t backed = align_up(image.bytes().size(), page);
    auto is_backed = [&](std::uint64_t address) {
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type != elf::pt_load ||
                !range_contains(align_down(segment.vaddr, page), segment.filesz + segment.vaddr % page, address))
                continue;
            return segment.offset + (address - segment.vaddr) < backed;
        }
        return true;
    };
    if (!is_backed(dynamic->vaddr))
        return {.kind = Kind::crash, .reason = "SIGBUS", .error = 0, .offset = record(*dynamic), .size = record_size};
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type != elf::pt_load || segment.memsz <= segment.filesz || (segment.vaddr + segment.filesz) % page == 0) continue;
        if (segment.filesz != 0 && align_down(segment.offset + segment.filesz, page) >= backed) {
            return {.kind = Kind::crash, .reason = "SIGBUS", .error = 0, .offset = record(segment), .size = record_size};
        }
    }
    if (image.dynamic()) {
        if (Acceptance refused = verify_dynamic(module, rules); refused.kind != Kind::accepted) return refused;
        if (rules.rules.refuses_pie && (image.dynamic()->flags_1() & elf::df_1_pie) != 0) {
            return fatal(text::is_pie, type.offset, type.size);
        }
        for (std::uint64_t tag : {elf::dt_strtab, elf::dt_symtab, elf::dt_gnu_hash, elf::dt_versym, elf::dt_verneed, elf::dt_verdef}) {
            auto address = image.dynamic()->value(tag);
            if (address && !is_backed(*address))
                return {.kind = Kind::crash, .reason = "SIGBUS", .error = 0, .offset = record(*dynamic), .size = record_size};
        }
    }
    return {};
}

}  // namespace abiscope::loader
