#include "loader/cpu_tests.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "bytes/reader.h"
#include "disasm/decoder.h"
#include "disasm/function_starts.h"
#include "disasm/plain_functions.h"
#include "disasm/references.h"
#include "elf/relocations.h"
#include "elf/spec.h"
#include "elf/symbols.h"
#include "loader/cpu_lessons.h"
#include "loader/cpu_relevance.h"
#include "loader/cpu_words.h"
#include "loader/data_words.h"
#include "loader/go_functions.h"

namespace abiscope::loader {

namespace {

using disasm::FunctionRole;

constexpr std::uint32_t sht_rela = 4, sht_rel = 9;      // gABI chapter 4, "sh_type"
constexpr std::size_t most_resolver = 2000;             // instructions

struct Pointers {
    std::set<std::uint64_t> resolvers;      // IFUNC: called to say which function is meant
    std::vector<std::uint64_t> functions;   // named by data
    std::vector<std::uint64_t> handles;     // that hold their own address: __dso_handle, which crtbegin.o puts in front of all data
    std::vector<std::uint64_t> memory;      // named by data: places in `data`
};

Pointers pointers_of(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::FunctionStarts& starts,
                     const disasm::AddressRange& data) {
    Pointers out;
    bool wide = image.encoding().wide;
    std::set<std::uint64_t> resolver_slots;
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    for (const elf::RelocationRange& range : program_relocations(image, sections)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            elf::RelocationRole role = elf::role_of(image.header().machine, relocation.type);
            auto addend = static_cast<std::uint64_t>(relocation.addend);
            if (!range.with_addend)
                addend = Reader(image.view_at(relocation.offset, wide ? 8 : 4), image.encoding().order, "addend").word(wide);
            if (role == elf::RelocationRole::irelative) {
                out.resolvers.insert(addend);
                resolver_slots.insert(relocation.offset);
            } else if (role == elf::RelocationRole::relative) {
                (addend == relocation.offset ? out.handles : out.functions).push_back(addend);
            } else if (relocation.symbol != 0 && relocation.symbol < symbols.size()) {
                elf::Symbol symbol = symbols.unnamed_at(relocation.symbol);
                if (!symbol.defined()) continue;
                if (symbols.type_at(relocation.symbol) == elf::stt_gnu_ifunc) out.resolvers.insert(symbol.value);
                else out.functions.push_back(symbol.value + addend);
            }
        }
    }
    // Of a library whatever it exports is called.
    bool library =
        image.header().type == elf::et_dyn && !image.interpreter() && image.dynamic() && (image.dynamic()->flags_1() & elf::df_1_pie) == 0;
    for (std::uint64_t i = 1; library && i < symbols.size(); ++i) {
        elf::Symbol symbol = symbols.unnamed_at(i);
        if (!symbol.defined()) continue;
        if (symbols.type_at(i) == elf::stt_gnu_ifunc) out.resolvers.insert(symbol.value);
        else if (symbol.type() == elf::stt_func) out.functions.push_back(symbol.value);
    }
    // Words of data that hold the address of a function: in programs that are not relocated, and those of DT_RELR.
    each_data_word(image, [&](std::uint64_t address, std::uint64_t value) {
        if (value == address) out.handles.push_back(address);
        if (range_contains(data.address, data.size, value)) out.memory.push_back(value);
        if (starts.at(value) && !resolver_slots.contains(address)) out.functions.push_back(value);
    });
    // Relocations that say where the data goes say the same again.
    for (std::uint64_t address : out.functions) {
        if (range_contains(data.address, data.size, address)) out.memory.push_back(address);
    }
    std::ranges::sort(out.memory);
    out.memory.erase(std::ranges::unique(out.memory).begin(), out.memory.end());
    std::ranges::sort(out.handles);
    std::erase_if(out.functions, [&](std::uint64_t function) { return out.resolvers.contains(function); });
    return out;
}

// Whether a resolver is one of the C library's: it tests something, and neither libgcc's words nor CPUID.
bool is_of_library(const disasm::Code& code, const disasm::Decoder& decoder, std::uint64_t resolver, const CpuWords& words) {
    auto index = code.function_at(resolver);
    disasm::AddressRange extent = index ? code.extent(*index) : disasm::AddressRange{};
    // Of a function that nothing tells of, as far as it goes in a straight line.
    bool known = index && extent.address == resolver;
    View body = code.bytes_at(resolver);
    bool tests = false, ended = false;
    std::size_t left = most_resolver;
    for (std::uint64_t at = resolver; (known ? range_contains(extent.address, extent.size, at) : !ended) && left != 0; --left) {
        auto instruction = decoder.decode(body.from(at - resolver).bytes(), at, disasm::Syntax::none);
        if (!instruction) break;
        std::string_view m = instruction->mnemonic;
        tests |= instruction->flow.branch == disasm::BranchKind::conditional_jump || m.starts_with("cmov") || m.starts_with("set");
        ended = !instruction->flow.falls_through();
        if (m == "cpuid") return false;
        for (const disasm::Operand& operand : instruction->operands) {
            if (operand.kind == disasm::Operand::Kind::memory && operand.memory.address &&
                (words.is_model(*operand.memory.address) || words.is_model(*operand.memory.address + 12)))
                return false;
        }
        at += instruction->length();
    }
    return tests;
}

// Of a program that Go's linker made.
std::vector<std::uint64_t> go_section_starts(const std::vector<elf::Section>& sections) {
    std::vector<std::uint64_t> out;
    if (elf::find_section(sections, ".noptrbss") == nullptr) return out;
    for (std::string_view name : {".data", ".noptrdata", ".bss", ".noptrbss"}) {
        if (const elf::Section* section = elf::find_section(sections, name)) out.push_back(section->addr);
    }
    return out;
}

// Those of the functions that are short enough to do little but say what follows from a word.
std::vector<std::uint64_t> short_ones(const disasm::Code& code, const std::vector<bool>& functions) {
    std::vector<std::uint64_t> out;
    for (std::size_t function = 0; function < functions.size(); ++function) {
        if (!functions[function]) continue;
        if (disasm::AddressRange extent = code.extent(function); extent.size <= longest_teller) out.push_back(extent.address);
    }
    return out;
}

// Of functions by what they contain, whatever they look at.
std::vector<FunctionRole> roles_of(const disasm::Code& code, const disasm::FunctionStarts& starts, const disasm::Sweep& sweep,
                                   const std::set<std::uint64_t>& resolvers, const disasm::FeatureSet& lacking, const GoStandardCode& go) {
    std::vector<FunctionRole> roles(code.functions().size());
    for (const disasm::Probe& probe : sweep.probes) {
        if (probe.function) roles[*probe.function] = FunctionRole::tests;
    }
    for (std::uint64_t resolver : resolvers) {
        if (auto function = starts.at(resolver)) roles[*function] = FunctionRole::tests;
    }
    for (const disasm::FunctionUse& use : sweep.functions) {
        if (use.function && !go.contains(use.first) && (use.features.meets(lacking) || use.doubtful.meets(lacking)))
            roles[*use.function] = FunctionRole::uses;
    }
    return roles;
}

// Where the program may store something.
disasm::AddressRange data_of(const elf::Image& image) {
    std::uint64_t first = ~std::uint64_t{0}, end = 0;
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type != elf::pt_load || !segment.writable() || segment.memsz == 0) continue;
        first = std::min(first, segment.vaddr);
        end = std::max(end, segment.vaddr + segment.memsz);
    }
    return end > first ? disasm::AddressRange{first, end - first} : disasm::AddressRange{};
}

}  // namespace

std::vector<elf::RelocationRange> program_relocations(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::vector<elf::RelocationRange> ranges = elf::relocation_ranges(image);
    if (image.dynamic()) return ranges;
    // Only the symbols __rela_iplt_start and _end say where they are, and they lie in a section of their own.
    for (const elf::Section& section : sections) {
        if ((section.type != sht_rela && section.type != sht_rel) || (section.flags & elf::shf_alloc) == 0) continue;
        bool addend = section.type == sht_rela;
        std::uint64_t size = image.encoding().wide ? (addend ? 24 : 16) : (addend ? 12 : 8);
        ranges.push_back({.table = addend ? elf::RelocationTable::rela : elf::RelocationTable::rel,
                          .records = elf::section_bytes(image, section),
                          .with_addend = addend,
                          .whole = true,
                          .record_size = size});
    }
    return ranges;
}

disasm::LackingWalk walk_on_lacking_cpu(const elf::Image& image, const std::vector<elf::Section>& sections, const disasm::Code& code,
                                        const disasm::Sweep& sweep, std::span<const std::uint64_t> starts,
                                        const disasm::FeatureSet& lacking, const GoStandardCode& go) {
    auto decoder = disasm::Decoder::create(code.architecture(), code.order());
    if (!decoder) return {.uses = {}, .vouched = {}, .whole = false, .instructions = 0};
    disasm::FeatureSet vouched, others;
    for (const disasm::FunctionUse& use : sweep.functions) {
        (go.contains(use.first) ? vouched : others).insert(use.features);
        if (!go.contains(use.first)) others.insert(use.doubtful);
    }
    if (!others.meets(lacking)) return {.uses = {}, .vouched = vouched, .whole = true, .instructions = 0};
    CpuWords words(image, sections, lacking);
    std::vector<std::uint64_t> askers = functions_with_cpuid(code, sweep);
    LeafAskers leaves(code, *decoder, sweep);
    std::ranges::copy(leaves.callers(), std::back_inserter(askers));
    Lessons lessons(code, *decoder, leaves, lacking, words);
    lessons.learn_words(image, askers);
    words.find_glibc();

    disasm::FunctionStarts functions(code);
    disasm::AddressRange writable = data_of(image);
    Pointers pointers = pointers_of(image, sections, functions, writable);
    bool static_program = !image.interpreter() && (!image.dynamic() || !image.dynamic()->value(elf::dt_needed));
    std::vector<std::uint64_t> roots(starts.begin(), starts.end());
    bool has_library = false;
    for (std::uint64_t resolver : pointers.resolvers) {
        bool of_library = static_program && is_of_library(code, *decoder, resolver, words);
        has_library |= of_library;
        if (!of_library) roots.push_back(resolver);
    }

    // Go's module data names the sections, which says nothing of the variables that lie there.
    for (std::uint64_t start : go_section_starts(sections)) std::erase(pointers.memory, start);
    DataPointers data{.objects = DataObjects(image, sections, !go.empty()), .addresses = std::move(pointers.memory)};
    disasm::LackingWalkOptions options = leaves.options();
    options.world.lacking = lacking;
    options.world.load = [&](std::uint64_t address, unsigned size) { return words.load(address, size); };
    if (!go.empty()) {
        options.vouched = [&](std::uint64_t address) { return go.contains(address); };
        options.never_returns = [&](std::uint64_t address) {
            auto function = functions.at(address);
            return function && go_never_returns(code.functions()[*function].name);
        };
    }
    options.resolver = [&](std::uint64_t address) { return pointers.resolvers.contains(address); };
    options.result = [&](std::uint64_t function) { return lessons.result_of(function); };
    // A word that others write too says nothing of the CPU.
    bool forgot = false;
    options.world.stored = [&](std::uint64_t address, unsigned size, const disasm::KnownBits& value) {
        forgot |= words.forget(address, size, value);
    };
    options.world.taken = [&](std::uint64_t address) { forgot |= words.forget_derived(address, data.objects.behind(address)); };
    options.forgot = [&] {
        if (forgot) lessons.learn_results(askers);
        return std::exchange(forgot, false);
    };
    for (const disasm::FeatureUse& use : sweep.uses) {
        if (lacking.contains(use.feature) && others.contains(use.feature)) options.sought.insert(use.feature);
    }
    disasm::ReferenceOptions places{.absolute = image.header().type == elf::et_exec,
                                    .data = writable,
                                    .dead_ends = disasm::dead_ends(code, *decoder),
                                    .apart = pointers.handles};
    std::optional<disasm::PlainFunctions> plain;
    auto references = disasm::References::find(code, functions, places);
    if (references) {
        std::vector<FunctionRole> roles = roles_of(code, functions, sweep, pointers.resolvers, lacking, go);
        lessons.learn_results(askers);
        lessons.learn_derived(image, *references, data);
        std::vector<disasm::Watcher> watchers = references->watching(data.objects.watched(words.ranges()));
        CpuRelevance relevance = cpu_relevance(code, *references, roles, watchers);
        std::ranges::copy(short_ones(code, relevance.asked), std::back_inserter(askers));
        lessons.learn_results(askers);
        for (const disasm::Watcher& watcher : watchers) {
            FunctionRole& role = roles[watcher.function];
            if (role == FunctionRole::plain && relevance.followed[watcher.function]) role = FunctionRole::tests;
        }
        plain.emplace(code, *references, std::move(roles));
        options.plain = &*plain;
    }
    for (std::uint64_t pointer : pointers.functions) {
        auto function = functions.at(pointer);
        if (function && plain && plain->contains(*function)) plain->reach(*function);
        else if (functions.spans(pointer)) roots.push_back(pointer);
    }
    disasm::LackingWalk walk = disasm::walk_lacking(code, *decoder, roots, options);
    walk.vouched = vouched;
    // Lock elision: glibc asks for RTM once and keeps the answer in the kind of each mutex (sysdeps/x86/elision-conf.c).
    if (has_library) std::erase_if(walk.uses, [](const disasm::LackingUse& use) { return use.feature == disasm::Feature::rtm; });
    return walk;
}

}  // namespace abiscope::loader
