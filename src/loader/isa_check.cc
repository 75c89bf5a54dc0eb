#include "loader/isa_check.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "disasm/decoder.h"
#include "disasm/levels.h"
#include "disasm/must_execute.h"
#include "elf/relocations.h"
#include "elf/symbols.h"
#include "loader/cpu_tests.h"
#include "loader/elf_code.h"
#include "loader/start_functions.h"

namespace abiscope::loader {

namespace {

using disasm::Absence;
using disasm::Callee;
using disasm::Feature;
using disasm::FeatureSet;

// Names through which compilers' and libraries' run-time checks ask what the CPU can do.
constexpr std::array askers = {
    "__cpu_model",
    "__cpu_indicator_init",
    "__cpu_features2",
    "__x86_get_cpuid_feature_leaf",
    "__get_cpu_features",
    "getauxval",
    "__getauxval",
    "android_getCpuFeatures",
    "OPENSSL_ia32cap_P",
    "cpu_features",
    "__x86_get_cpu_features",
};

// What an assumption about a guarded use says.
constexpr std::string_view about_instructions = "code is there and the CPU need not have it";

// Functions of the C library that come back to their caller whatever happens, called by programs before they do anything else.
constexpr std::array returning = {
    "__cxa_atexit",
    "atexit",
    "setlocale",
    "bindtextdomain",
    "textdomain",
    "malloc",
    "calloc",
    "free",
    "memset",
    "memcpy",
    "memmove",
    "strlen",
    "strcmp",
    "strncmp",
    "strchr",
    "strrchr",
    "puts",
    "putchar",
    "printf",
    "fprintf",
    "fputs",
    "fputc",
    "fwrite",
    "getenv",
    "time",
    "clock",
    "clock_gettime",
    "gettimeofday",
    "srand",
    "rand",
    "signal",
    "setvbuf",
    "isatty",
    "getpid",
    "__printf_chk",
    "__fprintf_chk",
    "__memcpy_chk",
    "__memset_chk",
    "atoi",
    "strtol",
    "_ITM_registerTMCloneTable",
    "__gmon_start__",
    "__libc_init_first",
};

// GOT slot -> the name bound to it.
std::unordered_map<std::uint64_t, std::string_view> slots_of(const elf::Image& image) {
    std::unordered_map<std::uint64_t, std::string_view> out;
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            if (relocation.symbol != 0) out.emplace(relocation.offset, symbols.name_at(relocation.symbol));
        }
    }
    return out;
}

Callee callee_named(std::string_view name) {
    if (name == "__libc_start_main" || name == "__libc_start_main_impl") return {.kind = Callee::Kind::starts_main, .address = 0};
    if (name == "exit" || name == "_exit" || name == "abort" || name == "__stack_chk_fail")
        return {.kind = Callee::Kind::never_returns, .address = 0};
    if (std::ranges::find(returning, name) != returning.end()) return {.kind = Callee::Kind::returns, .address = 0};
    return {};
}

disasm::Walk straight_line(const elf::Image& image, const disasm::Code& code) {
    auto decoder = disasm::Decoder::create(code.architecture(), code.order());
    if (!decoder) return {};
    auto slots = slots_of(image);
    disasm::WalkOptions options;
    options.slot = [&](std::uint64_t slot) {
        auto found = slots.find(slot);
        return found == slots.end() ? Callee{} : callee_named(found->second);
    };
    // A static program holds the C library's start code itself: its symbol tells it apart.
    options.callee = [&](std::uint64_t target) {
        auto index = code.function_at(target);
        if (!index || code.functions()[*index].address != target) return Callee{};
        Callee named = callee_named(code.functions()[*index].name);
        return named.kind == Callee::Kind::returns ? Callee{} : named;
    };
    return disasm::must_execute(code, *decoder, image.header().entry, options);
}

// libgcc's outline atomics (config/aarch64/lse.S): ADRP X16, LDRB W16 of __aarch64_have_lse_atomics, CBZ W16. And what a static glibc's
// resolvers choose between (sysdeps/aarch64/multiarch): functions named after what they need.
bool selected_on_arm64(const disasm::Code& code, std::size_t function) {
    if (code.architecture() != disasm::Architecture::arm64) return false;
    const disasm::Function& which = code.functions()[function];
    Reader reader(code.bytes_at(which.address), Endian::little, "code");
    std::uint32_t word = reader.u32();
    constexpr std::uint32_t bti_c = 0xd503245f;
    if (word == bti_c) word = reader.u32();
    std::uint32_t load = reader.u32(), branch = reader.u32();
    if (reader.ok() && (word & 0x9f00001f) == 0x90000010 && (load & 0xffc003ff) == 0x39400210 && (branch & 0xff00001f) == 0x34000010)
        return true;
    if (which.name.starts_with("__libc_mtag_")) return true;
    // libgcc's unwinder asks for the length of vectors (CNTD) when a frame saved one (config/aarch64/value-unwind.h).
    if (which.name.starts_with("_Unwind_") || which.name.starts_with("uw_") || which.name.starts_with("execute_")) return true;
    if (!which.name.starts_with("__mem") && !which.name.starts_with("__str")) return false;
    return std::ranges::any_of(std::array{"_sve", "_a64fx", "_mte", "_mops"},
                               [&](std::string_view end) { return which.name.ends_with(end); });
}

bool selects_by_ifunc(const elf::Image& image, const std::vector<elf::Section>& sections) {
    for (const elf::RelocationRange& range : program_relocations(image, sections)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            if (elf::role_of(image.header().machine, elf::relocation_at(image, range, i).type) == elf::RelocationRole::irelative)
                return true;
        }
    }
    return false;
}

}  // namespace

SweptCode::SweptCode(const elf::Image& image, const std::vector<elf::Section>& sections, disasm::Code code, GoTables tables)
    : image_(&image),
      code_(std::move(code)),
      sweep_(disasm::sweep(code_)),
      line_(straight_line(image, code_)),
      sections_(sections),
      starts_(start_functions(image, sections)),
      tables_(std::move(tables)) {
    if (line_.main) starts_.insert(*line_.main);
}

std::optional<SweptCode> SweptCode::make(const elf::Image& image, const std::vector<elf::Section>& sections) {
    GoTables tables(image, sections);
    auto code = elf_code(image, sections, tables);
    if (!code || code->ranges().empty()) return std::nullopt;
    return SweptCode(image, sections, *std::move(code), std::move(tables));
}

std::string SweptCode::function_name(std::optional<std::size_t> index) const {
    return index && *index < code_.functions().size() ? std::string(code_.functions()[*index].name) : std::string();
}

std::string SweptCode::asks(Feature feature) const {
    for (const disasm::Probe& probe : sweep_.probes) {
        // RDSSP leaves its register alone on a CPU without shadow stacks: it asks for that feature and no other.
        bool shadow_stack = probe.kind == disasm::Probe::Kind::rdssp;
        if (shadow_stack != (feature == Feature::shstk) || probe.trust == disasm::Trust::doubtful) continue;
        std::string_view word = shadow_stack ? "RDSSP" : "CPUID";
        std::string name = function_name(probe.function);
        return name.empty() ? fmt::format("{} is asked at {:#x}", word, probe.address)
                            : fmt::format("{} is asked in {}", word, text::printable(name));
    }
    elf::SymbolTable symbols = elf::dynamic_symbols(*image_);
    for (std::uint64_t i = 1; i < symbols.size(); ++i) {
        std::string_view name = symbols.name_at(i);
        if (std::ranges::find(askers, name) != askers.end()) return fmt::format("the file asks {} what the CPU can do", name);
    }
    if (selects_by_ifunc(*image_, sections_)) return "functions are selected by IFUNC";
    return {};
}

Guard SweptCode::guard_of(Feature feature, const FeatureSet& lacking) {
    if (const disasm::WalkUse* use = line_.find(feature); use != nullptr && use->absence == Absence::illegal) {
        return {.kind = GuardKind::certain_use,
                .words = "every start of the program executes it",
                .address = use->address,
                .instruction = use->text};
    }
    std::string asked = asks(feature);
    const disasm::FunctionUse* bare = disasm::is_x86(code_.architecture()) ? nullptr : not_selected(feature);
    if (!disasm::is_x86(code_.architecture()) && bare == nullptr) {
        return {.kind = GuardKind::likely,
                .words = go().empty()
                    ? "every use lies in a function that the C library or libgcc chooses by what the CPU can do"
                    : "every use lies in Go's runtime and standard library, which are taken to test it by themselves, or is "
                      "chosen by what the CPU can do",
                .address = 0,
                .instruction = {}};
    }
    if (asked.empty())
        return {.kind = GuardKind::none_seen, .words = "nothing in the file asks what the CPU can do", .address = 0, .instruction = {}};
    if (disasm::is_x86(code_.architecture())) return guard_on_x86(feature, asked, lacking);
    std::string where = text::printable(function_name(bare->function));
    if (where.empty()) where = fmt::format("the code at {:#x}", bare->first);
    return {.kind = GuardKind::not_before,
            .words = fmt::format("{}, but no test is seen before {}", asked, where),
            .address = 0,
            .instruction = {}};
}

Guard SweptCode::guard_on_x86(Feature feature, const std::string& asked, const FeatureSet& lacking) {
    if (!reached_ || !(lacking_ == lacking)) {
        std::vector<std::uint64_t> starts(starts_.begin(), starts_.end());
        reached_ = walk_on_lacking_cpu(*image_, sections_, code_, sweep_, starts, lacking, go());
        lacking_ = lacking;
    }
    Guard guard{.kind = GuardKind::not_before, .words = {}, .address = 0, .instruction = {}};
    std::string_view name = disasm::info(feature).name;
    if (const disasm::LackingUse* use = reached_->find(feature)) {
        std::string where = text::printable(function_name(code_.function_at(use->address)));
        if (where.empty()) where = fmt::format("the code at {:#x}", use->address);
        guard.words = fmt::format("{}, but no test for {} is seen before {}", asked, name, where);
    } else if (!reached_->whole && feature != Feature::shstk) {     // only unwinders and longjmp() have that, behind RDSSP
        guard.words = fmt::format("{}, but there is too much code to follow every way to {}", asked, name);
    } else {
        guard.kind = GuardKind::likely;
        guard.words = asked + ", and no way is seen that leads there without a test";
        if (reached_->vouched.contains(feature))
            guard.words += "; Go's runtime and standard library are taken to test by themselves what is beyond GOAMD64";
    }
    return guard;
}

const GoStandardCode& SweptCode::go() {
    if (!go_) go_.emplace(*image_, tables_);
    return *go_;
}

const disasm::FunctionUse* SweptCode::not_selected(Feature feature) {
    auto found = std::ranges::find_if(sweep_.functions, [&](const disasm::FunctionUse& use) {
        return use.features.contains(feature) && !go().contains(use.first) && !(use.function && selected_on_arm64(code_, *use.function));
    });
    // Nothing but malloc of glibc's static library uses memory tags, where the kernel says that they work and a tunable asks for them.
    bool malloc_only = feature == Feature::arm_mte && !image_->interpreter() && selects_by_ifunc(*image_, sections_);
    return malloc_only || found == sweep_.functions.end() ? nullptr : &*found;
}

std::optional<FeatureSet> cpu_features(const target::Target& target) {
    if (target.cpu.features.empty()) return std::nullopt;
    FeatureSet out;
    using target::Architecture;
    NameTable names = target.architecture == Architecture::arm64 ? disasm::arm64_feature_names() : disasm::x86_feature_names();
    for (const std::string& name : target.cpu.features) {
        if (auto value = find_value(names, name)) out.insert(static_cast<Feature>(*value));
    }
    // Generations without a CPUID bit of their own: every amd64 CPU is past them, an older one shows it by CMPXCHG8B and CMOV.
    if (target.architecture == Architecture::amd64) out.insert(disasm::levels(disasm::Architecture::x86_64).front().features);
    if (target.architecture == Architecture::i386) out.insert(Feature::i486);
    if (out.contains(Feature::cx8)) out.insert(Feature::i586);
    if (out.contains(Feature::cmov)) out.insert(Feature::i686);
    return out;
}

FeatureSet lacking_features(const FeatureSet& features) {
    FeatureSet out;
    for (const disasm::FeatureInfo& each : disasm::feature_table()) {
        if (each.feature < Feature::arm_aes && !features.contains(each.feature)) out.insert(each.feature);
    }
    return out;
}

bool sweep_worthwhile(const target::Target& target) {
    if (target.architecture != target::Architecture::amd64) return true;
    auto features = cpu_features(target);
    return !features || !features->contains(disasm::levels(disasm::Architecture::x86_64).back().features);
}

namespace {

struct Lacking {
    const disasm::FeatureUse* use;
    Guard guard;
};

Problem problem_for(const Lacking& lacking, const SweptCode& swept, const std::string& path, const target::Target& target) {
    const disasm::FeatureUse& use = *lacking.use;
    Problem problem;
    problem.kind = ProblemKind::isa_used;
    problem.stage = Stage::isa;
    problem.object = path;
    problem.subject = disasm::info(use.feature).name;
    problem.certain = lacking.guard.kind == GuardKind::certain_use;
    problem.fatal = true;
    problem.reason = lacking.guard.words;
    // The one that is executed, where that is known; it need not be the first.
    bool executed = lacking.guard.kind == GuardKind::certain_use;
    std::uint64_t address = executed ? lacking.guard.address : use.first.address;
    std::string name = swept.function_name(swept.code().function_at(address));
    std::string text = executed ? lacking.guard.instruction : use.first.text;
    if (text.empty()) {
        // The disassembler of this machine is older than the instruction.
        text = "instruction";
        View bytes = swept.code().bytes_at(address);
        for (std::byte each : bytes.clamped(0, use.first.bytes.empty() ? 4 : use.first.bytes.size()).bytes())
            text += fmt::format(" {:02x}", std::to_integer<unsigned>(each));
    }
    problem.places.push_back(
        {.file = path,
         .offset = executed ? swept.code().bytes_at(address).file_offset() : use.first.file_offset,
         .size = executed ? 0 : use.first.bytes.size(),
         .path = fmt::format("code at {:#x}{}", address, name.empty() ? std::string() : " in " + name),
         .reading = text + (use.count == 1 ? std::string() : fmt::format(" ({} of {})", executed ? "one" : "the first", use.count))});
    problem.places.push_back(
        {.file = path,
         .offset = std::nullopt,
         .size = 0,
         .path = fmt::format("the CPU of {}", target.name),
         .reading = fmt::format("{}{}", target.cpu.name.empty() ? std::string("no ") : target.cpu.name + ", no ", problem.subject)});
    return problem;
}

}  // namespace

bool is_about_instructions(std::string_view assumption) { return assumption.find(about_instructions) != std::string_view::npos; }

void check_instructions(const elf::Image& image, const std::string& path, const target::Target& target, Outcome& outcome) {
    auto features = cpu_features(target);
    if (!features) {
        outcome.assumptions.emplace_back("the target says nothing about its CPU: instructions were not checked");
        return;
    }
    finding::Sink unheard;
    auto swept = SweptCode::make(image, elf::read_sections(image, unheard));
    if (!swept || !swept->sweep().features_known) return;
    FeatureSet absent = lacking_features(*features);
    std::vector<Lacking> lacking;
    for (const disasm::FeatureUse& use : swept->sweep().uses) {
        if (use.count == 0 || use.absence == Absence::harmless || features->contains(use.feature)) continue;
        lacking.push_back({&use, swept->guard_of(use.feature, absent)});
    }
    // What kills for certain comes first, then what nothing guards.
    std::ranges::stable_sort(lacking, {}, [](const Lacking& one) { return one.guard.kind; });
    std::vector<std::pair<std::string, std::string>> guarded;       // words about the guard, and the features they are about
    for (const Lacking& one : lacking) {
        if (one.guard.kind == GuardKind::likely) {
            std::string_view name = disasm::info(one.use->feature).name;
            if (guarded.empty() || guarded.back().first != one.guard.words) guarded.emplace_back(one.guard.words, name);
            else guarded.back().second += fmt::format(", {}", name);
            continue;
        }
        bool certain = one.guard.kind == GuardKind::certain_use && target.cpu.exact;
        Problem problem = problem_for(one, *swept, path, target);
        problem.certain = certain;
        outcome.problems.push_back(std::move(problem));
        if (outcome.verdict != Verdict::runs && outcome.verdict != Verdict::conditional) continue;
        if (certain) {
            outcome.verdict = Verdict::fails;
            outcome.message.text = outcome.message.text.empty() ? "Illegal instruction" : outcome.message.text + "\nIllegal instruction";
            outcome.message.exit_code = 132;
            outcome.message.signal = "SIGILL";
            outcome.stage = Stage::isa;
        } else if (outcome.verdict == Verdict::runs) {
            outcome.verdict = Verdict::conditional;
            outcome.stage = Stage::isa;
        }
    }
    for (const auto& [words, names] : guarded) outcome.assumptions.push_back(fmt::format("{} {}: {}", names, about_instructions, words));
}

}  // namespace abiscope::loader
