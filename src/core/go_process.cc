#include "core/go_process.h"

#include <algorithm>
#include <utility>

#include "elf/spec.h"
#include "golang/buildinfo.h"

namespace abiscope::core {

namespace {

constexpr GoMachine machines[] = {
    {elf::em_x86_64, "amd64", "r14", "fs_base", -8},
    {elf::em_aarch64, "arm64", "x28", {}, 0},
    {elf::em_386, "386", {}, {}, 0},
    {elf::em_arm, "arm", "r10", {}, 0},
};

const GoMachine* machine_of(const Process& process) {
    for (const GoMachine& one : machines) {
        if (one.machine == process.layout->machine) return &one;
    }
    return nullptr;
}

}  // namespace

GoMemory::GoMemory(const Process& process, std::span<const Module* const> modules)
    : golang::Memory(process.order(), process.wide() ? 8 : 4), process_(process) {
    for (const Module* module : modules) add(*module);
}

void GoMemory::add(const Module& module) {
    // Variables that start as zero follow the mappings of the file.
    std::uint64_t end = module.end;
    if (const Region* zeros = process_.memory.region_at(end); zeros != nullptr && zeros->start == end && zeros->writable())
        end = zeros->end;
    for (const Region& region : process_.memory.regions()) {
        if (region.end <= module.start || region.start >= end) continue;
        std::uint64_t size = region.end - region.start;
        View bytes = process_.memory.chunk(region.start).bytes.clamped(0, size);
        ranges_.push_back(
            {.address = region.start, .size = size, .bytes = bytes, .writable = region.writable(), .executable = region.executable()});
    }
}

View GoMemory::at(std::uint64_t address) const { return process_.memory.chunk(address).bytes; }

std::unique_ptr<GoProcess> GoProcess::open_modules(const Process& process, std::span<const Module* const> modules, const GoMachine* machine,
                                                   finding::Sink& sink) {
    std::unique_ptr<GoProcess> out(new GoProcess(process));
    out->memory_ = std::make_unique<GoMemory>(process, modules);
    auto opened = golang::Program::open(*out->memory_, golang::read_build_info(*out->memory_), sink);
    if (!opened) return nullptr;
    out->module_ = modules.front();
    out->program_.emplace(*std::move(opened));
    out->machine_ = machine;
    out->read_offsets();
    return out;
}

std::unique_ptr<GoProcess> GoProcess::open(const Process& process, finding::Sink& sink) {
    if (process.layout == nullptr) return nullptr;
    const GoMachine* machine = machine_of(process);
    if (machine == nullptr) return nullptr;
    // Libraries that hold Go keep the linker's names of their sections; a plugin has no build information.
    std::vector<const Module*> libraries, plugins;
    for (const Module& module : process.modules) {
        if (module.is_program || !module.image) continue;
        auto has = [&](std::string_view name) {
            return std::ranges::any_of(module.sections(), [&](const elf::Section& section) { return section.name == name; });
        };
        if (has(".go.buildinfo")) libraries.push_back(&module);
        else if (has(".note.go.buildid")) plugins.push_back(&module);
    }
    if (const Module* program = process.program(); program != nullptr) {
        // -buildmode=plugin: its modules belong to the program's runtime.
        plugins.insert(plugins.begin(), program);
        auto out = open_modules(process, plugins, machine, sink);
        std::uint64_t table = out ? out->program().main().module.table_address : 0;
        if (out && table >= program->start && table < program->end) return out;
    }
    // -buildmode=c-shared: each has a runtime of its own.
    for (const Module* library : libraries) {
        if (auto out = open_modules(process, std::span(&library, 1), machine, sink)) return out;
    }
    return nullptr;
}

void GoProcess::read_offsets() {
    golang::Release release = program_->release();
    for (std::size_t id = 1; id < special_.size(); ++id)
        special_[id] = golang::name_of(golang::NameKind::function_id, release, id).value_or(std::string_view());
    goroutines_ = golang::GoroutineReader::make(*memory_, release, machine_->architecture);
    auto g0 = field("runtime.m", "g0"), curg = field("runtime.m", "curg"), procid = field("runtime.m", "procid");
    if (g0 && curg && procid) offsets_ = Offsets{.g0 = g0->offset, .curg = curg->offset, .procid = procid->offset};
}

std::optional<golang::Goroutine> GoProcess::goroutine(std::uint64_t address) const {
    std::uint64_t word = process_.wide() ? 8 : 4;
    if (!goroutines_ || address == 0 || address % word != 0) return std::nullopt;
    auto out = goroutines_->read(address);
    if (!out || out->stack.start >= out->stack.end) return std::nullopt;
    return out;
}

std::optional<GoThread> GoProcess::thread(const Registers& registers, std::uint32_t number) const {
    if (!offsets_) return std::nullopt;
    std::vector<std::uint64_t> candidates;
    if (auto value = registers.get(machine_->goroutine)) candidates.push_back(*value);
    if (auto base = registers.get(machine_->thread_pointer); base && *base != 0) {
        if (auto value = process_.memory.word(*base + static_cast<std::uint64_t>(machine_->slot))) candidates.push_back(*value);
    }
    for (std::uint64_t candidate : candidates) {
        auto g = goroutine(candidate);
        if (auto out = g ? thread_of(*g, number) : std::nullopt) return out;
    }
    if (number == 0) return std::nullopt;
    // Where no register of the dump leads to the running g (386: the base of gs is not among them): by the goroutines that the runtime's
    // threads run.
    if (!running_) {
        running_.emplace();
        for (std::uint64_t address : all()) {
            if (auto g = goroutine(address); g && g->machine != 0) running_->push_back(*g);
        }
    }
    for (const golang::Goroutine& g : *running_) {
        if (auto out = thread_of(g, number)) return out;
    }
    return std::nullopt;
}

std::optional<GoThread> GoProcess::thread_of(const golang::Goroutine& goroutine_on_it, std::uint32_t number) const {
    std::uint64_t machine = goroutine_on_it.machine;
    if (machine == 0) return std::nullopt;
    auto id = process_.memory.number(machine + offsets_->procid, 8);
    auto g0 = process_.memory.word(machine + offsets_->g0);
    if (!id || *id != number || !g0) return std::nullopt;
    auto system = goroutine(*g0);
    if (!system || system->machine != machine) return std::nullopt;
    GoThread out{.address = machine, .system = *system, .current = {}};
    if (auto current = process_.memory.word(machine + offsets_->curg)) out.current = goroutine(*current);
    if (out.current && out.current->machine != out.address) out.current.reset();
    return out;
}

const std::vector<std::uint64_t>& GoProcess::all() const {
    if (!all_) all_ = goroutines_ ? goroutines_->find_all(program_->main().module) : std::vector<std::uint64_t>();
    return *all_;
}

bool GoProcess::starts_function(std::uint64_t pc) const {
    const golang::FoundModule* module = program_->module_at(pc);
    auto function = module != nullptr ? module->table.find(pc) : std::nullopt;
    return function && function->entry == pc;
}

std::optional<golang::FieldPlace> GoProcess::field(std::string_view type, std::string_view name) const {
    auto layout = golang::struct_layout(type, program_->release(), machine_->architecture);
    return layout ? layout->field(name) : std::nullopt;
}

}  // namespace abiscope::core
