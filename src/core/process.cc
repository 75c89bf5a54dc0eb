#include "core/process.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "core/infer_files.h"
#include "core/spec.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

// What a truncated dump lost, in the terms of whoever asks.
std::vector<std::string> lost_evidence(const Process& process) {
    std::vector<std::string> out;
    const elf::SegmentTable& table = process.image.segment_table();
    if (!table.whole) {
        out.push_back(fmt::format("the program header table ends after {} of {} entries: memory behind that is unknown",
                                  table.entries.size(), table.claimed));
    }
    std::uint64_t missing = 0;
    std::size_t regions = 0;
    for (const Region& region : process.memory.regions()) {
        if (region.dumped.size() >= region.claimed) continue;
        missing += region.claimed - region.dumped.size();
        ++regions;
    }
    if (regions != 0) {
        out.push_back(fmt::format("the dump is truncated: {} bytes of memory in {} of {} mappings are not in it", missing, regions,
                                  process.memory.regions().size()));
        std::size_t number = 0;
        for (const ThreadStatus& thread : process.notes.threads) {
            auto sp = thread.registers.sp();
            const Region* stack = sp ? process.memory.region_at(*sp) : nullptr;
            if (stack != nullptr && stack->dumped.size() < stack->claimed && *sp - stack->start >= stack->dumped.size()) ++number;
        }
        if (number != 0) out.push_back(fmt::format("the stacks of {} of {} threads are lost", number, process.notes.threads.size()));
    }
    out.insert(out.end(), process.notes.damage.begin(), process.notes.damage.end());
    if (process.notes.threads.empty()) out.emplace_back("there is no NT_PRSTATUS note: no registers");
    else if (process.layout == nullptr) out.emplace_back("the registers of this machine are not understood");
    if (!process.notes.signal || !process.notes.signal->complete)
        out.emplace_back("there is no NT_SIGINFO note: the address of the fault is unknown");
    if (process.notes.files_inferred)
        out.emplace_back(
            "there is no NT_FILE note: which files were mapped is taken from the auxiliary vector and the dynamic loader's list");
    if (process.notes.files.empty()) out.emplace_back("there is no NT_FILE note: which files were mapped is unknown");
    return out;
}

// The module whose variables without initial values (.bss) the address is in: the part of a segment behind what its file holds.
const Module* zeroed_by(const Process& process, std::uint64_t address) {
    auto after = std::ranges::upper_bound(process.modules, address, {}, &Module::start);
    if (after == process.modules.begin()) return nullptr;
    const Module& module = *std::prev(after);
    if (!module.image) return nullptr;
    for (const elf::Segment& segment : module.image->segments()) {
        std::uint64_t start = segment.vaddr + module.bias;
        if (segment.type == elf::pt_load && address >= start && address - start < segment.memsz) return &module;
    }
    return nullptr;
}

}  // namespace

const Module* Process::module_at(std::uint64_t address) const {
    auto after = std::ranges::upper_bound(modules, address, {}, &Module::start);
    if (after == modules.begin()) return nullptr;
    const Module& module = *std::prev(after);
    return module.holds(address) ? &module : nullptr;
}

const Module* Process::program() const {
    auto found = std::ranges::find(modules, true, &Module::is_program);
    return found == modules.end() ? nullptr : &*found;
}

const Region* Process::main_stack() const {
    for (std::uint64_t type : {at_execfn, at_random}) {
        auto address = notes.auxiliary_value(type);
        const Region* region = address ? memory.region_at(*address) : nullptr;
        if (region != nullptr) return region;
    }
    return nullptr;
}

std::string Process::place_name(std::uint64_t address) const {
    const Region* region = memory.region_at(address);
    if (region == nullptr) return {};
    if (const Module* module = module_at(address)) {
        const MappedFile* file = memory.file_at(address);
        if (file == nullptr || file->path == module->path || module->state == FileState::in_dump) return std::string(module->name());
    }
    if (const MappedFile* file = memory.file_at(address)) return file->path;
    if (const Module* owner = zeroed_by(*this, address)) return std::string(owner->name());
    if (region == main_stack()) return "[stack]";
    for (const ThreadStatus& thread : notes.threads) {
        auto sp = thread.registers.sp();
        if (sp && region->holds(*sp)) return fmt::format("the stack of thread {}", thread.id);
    }
    // brk: the first writable region without a file behind the program (Linux, fs/binfmt_elf.c: set_brk).
    if (const Module* main = program();
        main != nullptr && region->writable() && region->start >= main->end && region->start - main->end < (std::uint64_t{1} << 36)) {
        const Region* next = memory.region_after(main->end - 1);
        while (next != nullptr &&
               (memory.file_at(next->start) != nullptr || !next->writable() || zeroed_by(*this, next->start) != nullptr) &&
               next->start < region->start)
            next = memory.region_after(next->start);
        if (next == region && module_at(region->start) == nullptr) return "[heap]";
    }
    return "anonymous memory";
}

Result<Process> open_process(SourcePtr core, std::shared_ptr<Files> files, const ProcessOptions& options) {
    ABISCOPE_TRY(elf::Image image, elf::Image::parse(std::move(core)));
    if (image.header().type != elf::et_core) {
        return fail(Error{.code = ErrorCode::unsupported,
                          .what = "is not a core dump",
                          .file = image.name(),
                          .offset = elf::place_of(elf::HeaderField::type, image.encoding()).offset,
                          .wanted = "ET_CORE (4)",
                          .had = std::to_string(image.header().type)});
    }
    const MachineLayout* layout = find_layout(image.header().machine, image.encoding().wide);
    CoreNotes notes = read_core_notes(image, layout);
    bool wide = layout != nullptr ? layout->word_size() == 8 : image.encoding().wide;
    Memory memory(image, notes.files, wide);
    if (notes.files.empty()) {
        notes.files = infer_files(image, notes, memory, files.get(), options.modules.program);
        notes.files_inferred = !notes.files.empty();
        if (notes.files_inferred) memory = Memory(image, notes.files, wide);
    }
    Process process{.image = std::move(image),
                    .layout = layout,
                    .notes = std::move(notes),
                    .memory = std::move(memory),
                    .modules = {},
                    .lost = {},
                    .files = std::move(files)};
    process.modules = find_modules(process.image, process.notes, process.memory, process.files.get(), options.modules);
    process.lost = lost_evidence(process);
    return process;
}

}  // namespace abiscope::core
