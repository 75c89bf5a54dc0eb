#include "loader/isa_check.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "disasm/decoder.h"
#include "disasm/guards.h"
#include "disasm/levels.h"
#include "elf/relocations.h"
#include "elf/symbols.h"
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

bool selects_by_ifunc(const elf::Image& image) {
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            if (elf::role_of(image.header().machine, elf::relocation_at(image, range, i).type) == elf::RelocationRole::irelative)
                return true;
        }
    }
    return false;
}

}  // namespace

SweptCode::SweptCode(const elf::Image& image, const std::vector<elf::Section>& sections, disasm::Code code)
    : image_(&image),
      code_(std::move(code)),
      sweep_(disasm::sweep(code_)),
      line_(straight_line(image, code_)),
      starts_(start_functions(image, sections)) {
    if (line_.main) starts_.insert(*line_.main);
}

std::optional<SweptCode> SweptCode::make(const elf::Image& image, const std::vector<elf::Section>& sections) {
    auto code = elf_code(image, sections);
    if (!code || code->ranges().empty()) return std::nullopt;
    return SweptCode(image, sections, *std::move(code));
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
    if (selects_by_ifunc(*image_)) return "functions are selected by IFUNC";
    return {};
}

bool SweptCode::runs_at_start(std::size_t function, const disasm::References& references) const {
    if (starts_.contains(code_.functions()[function].address)) return true;
    // The start code of a stripped static program names main, and whatever else it hands over, by address.
    auto entry = code_.function_at(image_->header().entry);
    return references.address_taken != 0 && entry && code_.function_at(references.first_taken) == entry;
}

// A program that is full of a feature is compiled for it, or has a dispatcher too large to be understood here.
constexpr std::size_t most_followed = 1000;

// From each use up through its callers, until a test is met or nobody calls any more. Which of several callers is followed is chance: this
// is evidence, not proof.
std::optional<std::size_t> SweptCode::unguarded(std::vector<Use> open) {
    auto decoder = disasm::Decoder::create(code_.architecture(), code_.order());
    if (open.empty()) return std::nullopt;
    if (!decoder) return open.front().function;
    constexpr int most_callers = 6;
    std::set<std::size_t> seen;
    for (int depth = 0; depth < most_callers && !open.empty(); ++depth) {
        std::erase_if(open, [&](const Use& use) { return !disasm::tests_before(code_, *decoder, use.function, use.address, 1).empty(); });
        if (open.empty()) break;
        if (!references_) references_.emplace(code_);
        std::vector<Use> callers;
        for (const Use& use : open) {
            const disasm::References& references = references_->to(use.function);
            if (runs_at_start(use.function, references)) return use.function;
            if (references.branches == 0) continue;   // reached by pointer only: a dispatch table or IFUNC
            auto caller = code_.function_at(references.first_branch);
            if (!caller) return use.function;
            if (seen.insert(*caller).second) callers.push_back({*caller, references.first_branch});
        }
        open = std::move(callers);
    }
    if (open.empty()) return std::nullopt;
    return open.front().function;
}

Guard SweptCode::guard_of(Feature feature) {
    if (const disasm::WalkUse* use = line_.find(feature); use != nullptr && use->absence == Absence::illegal) {
        return {.kind = GuardKind::certain_use,
                .words = "every start of the program executes it",
                .address = use->address,
                .instruction = use->text};
    }
    std::string asked = asks(feature);
    if (asked.empty())
        return {.kind = GuardKind::none_seen, .words = "nothing in the file asks what the CPU can do", .address = 0, .instruction = {}};
    std::vector<Use> users;
    for (const disasm::FunctionUse& use : sweep_.functions) {
        if (!use.features.contains(feature)) continue;
        if (!use.function)
            return {.kind = GuardKind::not_before,
                    .words = asked + ", but the code belongs to no known function",
                    .address = 0,
                    .instruction = {}};
        users.push_back({*use.function, use.first});
    }
    if (users.size() > most_followed) {
        return {.kind = GuardKind::not_before,
                .words = fmt::format("{}, but {} functions use it, too many to follow", asked, users.size()),
                .address = 0,
                .instruction = {}};
    }
    if (auto bare = unguarded(std::move(users))) {
        std::string name = function_name(*bare);
        if (name.empty()) name = fmt::format("the function at {:#x}", code_.functions()[*bare].address);
        return {.kind = GuardKind::not_before,
                .words = fmt::format("{}, but no test is seen before {}", asked, text::printable(name)),
                .address = 0,
                .instruction = {}};
    }
    return {.kind = GuardKind::likely,
            .words = asked + ", and every use lies behind a test or a selected pointer",
            .address = 0,
            .instruction = {}};
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
    problem.places.push_back(
        {.file = path,
         .offset = executed ? swept.code().bytes_at(address).file_offset() : use.first.file_offset,
         .size = executed ? 0 : use.first.bytes.size(),
         .path = fmt::format("code at {:#x}{}", address, name.empty() ? std::string() : " in " + name),
         .reading = (executed ? lacking.guard.instruction : use.first.text) +
             (use.count == 1 ? std::string() : fmt::format(" ({} of {})", executed ? "one" : "the first", use.count))});
    problem.places.push_back(
        {.file = path,
         .offset = std::nullopt,
         .size = 0,
         .path = fmt::format("the CPU of {}", target.name),
         .reading = fmt::format("{}{}", target.cpu.name.empty() ? std::string("no ") : target.cpu.name + ", no ", problem.subject)});
    return problem;
}

}  // namespace

void check_instructions(const elf::Image& image, const std::string& path, const target::Target& target, std::string_view trusted,
                        Outcome& outcome) {
    auto features = cpu_features(target);
    if (!features) {
        outcome.assumptions.emplace_back("the target says nothing about its CPU: instructions were not checked");
        return;
    }
    finding::Sink unheard;
    auto swept = SweptCode::make(image, elf::read_sections(image, unheard));
    if (!swept || !swept->sweep().features_known) return;
    std::vector<Lacking> lacking;
    for (const disasm::FeatureUse& use : swept->sweep().uses) {
        if (use.count == 0 || use.absence == Absence::harmless || features->contains(use.feature)) continue;
        lacking.push_back({&use, swept->guard_of(use.feature)});
    }
    // What kills for certain comes first, then what nothing guards.
    std::ranges::stable_sort(lacking, {}, [](const Lacking& one) { return one.guard.kind; });
    bool trusts = false;
    for (const Lacking& one : lacking) {
        std::string_view name = disasm::info(one.use->feature).name;
        if (one.guard.kind == GuardKind::likely) {
            outcome.assumptions.push_back(fmt::format("{} code is there and the CPU need not have it: {}", name, one.guard.words));
            continue;
        }
        bool certain = one.guard.kind == GuardKind::certain_use && target.cpu.exact;
        if (!certain && !trusted.empty()) {
            if (!std::exchange(trusts, true)) outcome.assumptions.emplace_back(trusted);
            continue;
        }
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
}

}  // namespace abiscope::loader
