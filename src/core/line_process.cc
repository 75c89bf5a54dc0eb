#include "core/line_process.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.h"
#include "base/text.h"
#include "core/core_writer.h"
#include "core/fault.h"
#include "core/spec.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t down(std::uint64_t value) { return align_down(value, page); }
constexpr std::uint64_t up(std::uint64_t value) { return align_up(value, page); }

bool is_executable(const elf::Segment& segment) { return segment.type == elf::pt_load && (segment.flags & 1) != 0 && segment.filesz != 0; }

// The segment that was mapped where the line says, or why there is none.
const elf::Segment* mapped_segment(const KernelLine& line, const elf::Image& image, std::string& refused) {
    std::uint64_t within = *line.pc - line.module_start;
    const elf::Segment* found = nullptr;
    for (const elf::Segment& segment : image.segments()) {
        if (!is_executable(segment) || segment.vaddr > ~segment.filesz) continue;
        std::uint64_t size = up(segment.vaddr % page + segment.filesz);
        bool fits = line.file_offset ? *line.file_offset == within + down(segment.offset) : size == line.module_size;
        if (!fits || within >= size) continue;
        if (found != nullptr) {
            refused = "several of its segments could be the one that was mapped";
            return nullptr;
        }
        found = &segment;
    }
    if (found == nullptr)
        refused = fmt::format("none of its segments is mapped as {} bytes with the crash at {:#x} in them", line.module_size, within);
    return found;
}

struct Placed {
    std::uint64_t bias = 0;
    std::uint64_t offset = 0;          // of the program counter, in the file
};

std::optional<Placed> place(const KernelLine& line, const elf::Image& image, LineFacts& out) {
    if (line.module.empty() || !line.pc || *line.pc < line.module_start || *line.pc - line.module_start >= line.module_size) {
        out.refused = "the line names no file for the program counter";
        return std::nullopt;
    }
    const elf::Segment* segment = mapped_segment(line, image, out.refused);
    if (segment == nullptr) return std::nullopt;
    Placed placed;
    placed.offset = *line.pc - line.module_start + down(segment->offset);
    placed.bias = line.module_start - down(segment->vaddr);
    if (image.header().type == elf::et_exec && placed.bias != 0) {
        out.refused = "it is linked for another address";
        return std::nullopt;
    }
    if (line.code.empty()) {
        std::string_view name = text::base_name(image.name());
        std::string_view wanted = line.module;
        constexpr std::string_view deleted = " (deleted)";
        if (wanted.ends_with(deleted)) wanted.remove_suffix(deleted.size());
        if (name != wanted) {
            out.refused = fmt::format("the line names {}, and has no code to compare", line.module);
            return std::nullopt;
        }
        out.file = FileProof::unproven;
        return placed;
    }
    // What lies outside of the segment may be another file's.
    for (std::size_t i = 0; i < line.code.size(); ++i) {
        std::uint64_t at = placed.offset + i - line.code_before;
        if (at < segment->offset || at - segment->offset >= segment->filesz) continue;
        View byte = image.bytes().clamped(at, 1);
        if (!byte.empty() && byte.bytes().front() == line.code[i]) continue;
        out.refused = "its code is not the one in the line: it is another build";
        return std::nullopt;
    }
    out.file = FileProof::code_agrees;
    return placed;
}

const MachineLayout* layout_for(const KernelLine& line, const elf::Image* image) {
    if (image != nullptr) return find_layout(image->header().machine, image->encoding().wide);
    if (line.kind == LineKind::arm64) return find_layout(elf::em_aarch64, true);
    // The stack of a 64-bit program lies far above 4 GiB.
    bool wide = !line.sp || *line.sp > 0xffffffff || *line.pc > 0xffffffff;
    return find_layout(wide ? elf::em_x86_64 : elf::em_386, wide);
}

std::int32_t signal_of(const KernelLine& line) {
    if (line.kind == LineKind::arm64) {
        std::uint64_t cause = line.error >> 26 & 0x3f;   // ESR_ELx.EC: 0x20 and 0x24 are aborts of the program (Arm ARM, D24.2.40)
        return cause == 0x20 || cause == 0x24 ? sigsegv : cause == 0 ? sigill : cause == 0x3c ? sigtrap : 0;
    }
    if (line.what == "segfault" || line.what.starts_with("general protection")) return sigsegv;
    if (line.what == "trap divide error" || line.what == "trap overflow") return sigfpe;
    if (line.what == "trap invalid opcode") return sigill;
    if (line.what == "trap int3") return sigtrap;
    if (line.what == "trap stack segment" || line.what == "trap alignment check") return sigbus;
    return 0;
}

// The one memory operand that reads or writes as the error code says.
void solve(const KernelLine& line, Process& process, LineFacts& out) {
    auto instruction = line.pc ? decode_at(process, *line.pc) : std::nullopt;
    if (!instruction || !line.address || line.kind != LineKind::x86_page_fault || (line.error & pf_fetch) != 0) return;
    bool write = (line.error & pf_write) != 0;
    for (std::size_t i = 0; i < instruction->operands.size(); ++i) {
        const disasm::Operand& operand = instruction->operands[i];
        if (operand.kind != disasm::Operand::Kind::memory || !operand.memory.access || !(write ? operand.write : operand.read)) continue;
        if (out.operand) {
            out.operand.reset();
            return;
        }
        out.operand = i;
    }
    if (!out.operand) return;
    Registers& registers = process.notes.threads.front().registers;
    const disasm::MemoryOperand& memory = instruction->operands[*out.operand].memory;
    // A fault at the start of a page may be that of an access which began in the page before.
    bool straddling = *line.address % page == 0 && *line.address != 0;
    if (straddling || memory.address.has_value()) {
        if (!memory.segment.empty() && memory.address) {
            out.solved = memory.segment == "fs" ? "fs_base" : "gs_base";
            registers.set(out.solved, *line.address - *memory.address);
        }
        return;
    }
    std::uint64_t rest = *line.address - static_cast<std::uint64_t>(memory.displacement);
    if (!memory.segment.empty()) {
        if (!memory.base.empty() || !memory.index.empty()) return;
        out.solved = memory.segment == "fs" ? "fs_base" : "gs_base";
    } else if (!memory.base.empty() && memory.index.empty()) {
        out.solved = registers.whole(memory.base);
        if (out.solved != memory.base || registers.get(out.solved)) out.solved = {};
    }
    if (out.solved.empty()) return;
    registers.set(out.solved, process.wide() ? rest : rest & 0xffffffff);
}

}  // namespace

Result<LineProcess> process_of(const KernelLine& line, const SourcePtr& file, std::shared_ptr<Files> files) {
    LineFacts out;
    std::optional<elf::Image> image;
    if (file) {
        auto parsed = elf::Image::parse(file);
        if (parsed) image = std::move(*parsed);
        else out.refused = "it is no ELF file";
    }
    auto placed = image ? place(line, *image, out) : std::nullopt;
    DumpedProcess contents;
    contents.layout = layout_for(line, placed ? &*image : nullptr);
    if (contents.layout == nullptr)
        return fail(Error{
            .code = ErrorCode::unsupported, .what = "is a program for a processor that is not known", .file = file ? file->name() : ""});
    contents.pid = line.pid;
    contents.name = line.name;
    contents.signal = signal_of(line);
    contents.threads.push_back({.id = line.pid,
                                .general = std::vector<std::byte>(contents.layout->registers.size() * contents.layout->word_size()),
                                .others = {}});
    std::vector<std::byte> first;
    if (placed) {
        for (const elf::Segment& segment : image->segments()) {
            // What could be written may have been.
            if (segment.type != elf::pt_load || (segment.flags & 2) != 0 || segment.filesz == 0 || segment.vaddr > ~segment.filesz)
                continue;
            std::uint64_t start = down(segment.vaddr) + placed->bias;
            DumpedMapping one{.start = start,
                              .end = start + up(segment.vaddr % page + segment.filesz),
                              .flags = segment.flags,
                              .path = file->name(),
                              .file_offset = down(segment.offset)};
            if (one.end <= one.start) continue;
            if (one.file_offset == 0 && first.empty()) {
                View bytes = image->bytes().clamped(0, page);
                first.assign(bytes.bytes().begin(), bytes.bytes().end());
                one.dumped = first.size();
            }
            contents.mappings.push_back(std::move(one));
        }
    } else if (!line.code.empty() && *line.pc >= line.code_before && *line.pc - line.code_before <= ~line.code.size()) {
        std::uint64_t start = *line.pc - line.code_before;
        contents.mappings.push_back({.start = start, .end = start + line.code.size(), .flags = 5, .dumped = line.code.size()});
        first = line.code;
    }
    CoreLayout layout = lay_out_core(contents);
    std::vector<std::byte> core = std::move(layout.head);
    core.resize(std::max<std::uint64_t>(layout.size, core.size()));
    if (!layout.pieces.empty()) std::ranges::copy(first, core.begin() + static_cast<std::ptrdiff_t>(layout.pieces.front().file_offset));
    ABISCOPE_TRY(Process process, open_process(Source::from_memory(line.name, std::move(core)), std::move(files)));

    ThreadStatus& thread = process.notes.threads.front();
    thread.registers = Registers(contents.layout);
    if (line.pc) thread.registers.set(contents.layout->pc, *line.pc);
    if (line.sp) thread.registers.set(contents.layout->sp, *line.sp);
    process.notes.signal->address = line.address;
    process.notes.signal->code = si_kernel;   // no process sent it; which code it had is not in the line
    process.lost = {
        "all that is known is a line of the kernel's log: no memory, no mappings, and of the registers only what follows from it"};
    solve(line, process, out);
    return LineProcess{.process = std::move(process), .facts = std::move(out)};
}

}  // namespace abiscope::core
