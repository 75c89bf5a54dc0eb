// glibc's ld.so from its first instruction to the program's: the order of elf/rtld.c, dl_main().
#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/text.h"
#include "loader/errno_names.h"
#include "loader/glibc_audit.h"
#include "loader/glibc_environment.h"
#include "loader/glibc_faster_copies.h"
#include "loader/glibc_map.h"
#include "loader/glibc_symbols.h"
#include "loader/glibc_versions.h"
#include "loader/missing_library.h"
#include "loader/program_origin.h"
#include "loader/simulate.h"

namespace abiscope::loader {

namespace {

namespace text = glibc_text;
constexpr int cannot_start = 127;
constexpr std::string_view preload_file = "/etc/ld.so.preload";

int number_of(std::string_view signal) { return signal == "SIGFPE" ? 8 : signal == "SIGBUS" ? 7 : 11; }

class GlibcStart {
public:
    GlibcStart(const Program& program, const target::Target& target, const target::Libc& libc, ModuleCache& cache, const Options& options)
        : program_(program),
          target_(target),
          libc_(libc),
          options_(options),
          world_(GlibcWorld::of(target, libc, cache, *program.module)),
          space_(*world_, program, target, libc, options) {}

    Outcome run() {
        out_.verdict = Verdict::runs;
        if (loader_refuses() || !knows_its_address() || !has_dynamic() || audited()) return finish();
        if (world_->rules().rules.kernel_floor && world_->rules().kernel != target_.kernel.version && !libc_is_read())
            take_for_granted("the libraries of the target run on the kernel that LD_ASSUME_KERNEL names");
        if (!space_.secure())
            std::ranges::for_each(unfollowed_environment(target_), [this](const std::string& what) { take_for_granted(what); });
        preload();
        bool mapped = map_libraries();
        check_cache();
        if (mapped && options_.symbols && versions() && isa_levels()) symbols();
        return finish();
    }

private:
    bool libc_is_read() {
        const Found& libc = world_->default_search("libc.so.6");
        return libc.candidate == nullptr || !libc.candidate->module || libc.candidate->module->description() == nullptr;
    }

    // What stops the loader before it looks at the program.
    bool loader_refuses() {
        const VerifyRules& rules = world_->rules();
        if (rules.rules.kernel_floor && !target_.kernel.version.empty()) {
            const Found& libc = world_->default_search("libc.so.6");
            if (libc.candidate != nullptr && libc.candidate->module && libc.candidate->module->image()) {
                const auto& tag = libc.candidate->module->notes().abi_tag;
                if (tag && target_.kernel.version < Version{tag->version[0], tag->version[1], tag->version[2]}) {
                    Problem problem = make(ProblemKind::other_exec_error, Stage::runtime, text::kernel_too_old);
                    problem.places.push_back(
                        {.file = libc.path, .offset = tag->record_offset, .size = 32, .path = "elf/note", .reading = "NT_GNU_ABI_TAG"});
                    fail(std::move(problem), std::string(text::kernel_too_old), cannot_start);
                    return true;
                }
            }
        }
        const Module& loader = *space_.loader().module;
        if (!rules.machine.x86 || loader.image() == nullptr || target_.cpu.features.empty()) return false;
        std::uint32_t needed = loader.notes().x86_isa_needed.value_or(0);
        for (std::uint32_t level = 2; level <= 4; ++level) {
            std::uint32_t bit = 1U << (level - 1);
            if ((needed & bit) == 0 || (rules.machine.isa_level & bit) != 0) continue;
            Problem problem = make(ProblemKind::cpu_too_old_for_libc, Stage::isa, text::cpu_too_old(level));
            problem.certain = target_.cpu.exact;
            problem.subject = fmt::format("x86-64-v{}", level);
            problem.object = space_.loader().name;
            problem.places.push_back({.file = space_.loader().name,
                                      .offset = loader.notes().x86_isa_offset,
                                      .size = 4,
                                      .path = "elf/note",
                                      .reading = "x86 ISA needed"});
            std::string line = problem.reason;
            fail(std::move(problem), std::move(line), cannot_start);
            return true;
        }
        return false;
    }

    // elf/rtld.c, rtld_setup_main_map(): the load address is AT_PHDR less PT_PHDR's. Until the walk over the program headers has met
    // PT_PHDR, glibc believes in 0, and reads the dynamic section where nothing is mapped.
    bool knows_its_address() {
        const elf::Image& image = *program_.module->image();
        if (image.header().type != elf::et_dyn || options_.as_library) return true;
        auto dynamic = std::ranges::find(image.segments(), elf::pt_dynamic, &elf::Segment::type);
        auto headers = std::ranges::find(image.segments(), elf::pt_phdr, &elf::Segment::type);
        if (dynamic == image.segments().end() || headers < dynamic) return true;
        Problem problem = make(ProblemKind::crash, Stage::interpreter,
                               headers == image.segments().end()
                                   ? "a position-independent program without PT_PHDR: glibc takes its load address for 0"
                                   : "PT_PHDR stands behind PT_DYNAMIC: until then glibc takes the program's load address for 0");
        problem.places.push_back({.file = program_.path,
                                  .offset = dynamic->record_offset,
                                  .size = image.encoding().wide ? 56U : 32U,
                                  .path = "elf/segments[PT_DYNAMIC]",
                                  .reading = "no PT_PHDR before it"});
        out_.message.signal = "SIGSEGV";
        out_.message.exit_code = 128 + number_of("SIGSEGV");
        failed_ = true;
        out_.problems.push_back(std::move(problem));
        return false;
    }

    bool has_dynamic() {
        if (space_.program().dynamic() != nullptr) {
            Acceptance refused = verify_dynamic(*program_.module, world_->rules());
            if (refused.kind == Acceptance::Kind::accepted) return true;
            ended(program_.path,
                  {.object = program_.path,
                   .reason = refused.reason,
                   .error = refused.error,
                   .crash = refused.kind == Acceptance::Kind::crash,
                   .assertion = refused.kind == Acceptance::Kind::assertion,
                   .undecided = refused.kind == Acceptance::Kind::undecided,
                   .file = program_.path,
                   .offset = refused.offset,
                   .size = refused.size});
            return false;
        }
        Problem problem = make(ProblemKind::evidence_missing, Stage::runtime,
                               "what the loader does with a program that has an interpreter and no dynamic section");
        problem.places.push_back({.file = program_.path, .offset = 0, .size = 64, .path = "elf/header", .reading = "no PT_DYNAMIC"});
        unknown(std::move(problem));
        return false;
    }

    bool audited() {
        AuditReport report = load_audit_libraries(*world_, space_, program_, target_, libc_, options_);
        std::vector<std::string> none;
        take(report.problems, none);
        lines_.insert(lines_.end(), report.lines.begin(), report.lines.end());
        for (const std::string& what : report.assumptions) take_for_granted(what);
        if (report.in_force) unknown(*std::move(report.in_force));
        return (report.ended && ended(report.ended->first, report.ended->second)) || unknown_;
    }

    // A search that went through a cache of which the loader reads more than there is.
    void check_cache() {
        if (!world_->ld_cache().overruns()) return;
        bool used = std::ranges::any_of(space_.chain(), [](const GlibcObject* object) {
            return object->missing() || object->found_by == FoundBy::cache || object->found_by == FoundBy::default_directory;
        });
        if (!used) return;
        Problem problem = make(ProblemKind::evidence_missing, Stage::libraries,
                               "what lies behind the end of ld.so.cache, which claims more entries than it has");
        problem.places.push_back({.file = libc_.cache, .offset = 20, .size = 4, .path = "ld.so.cache", .reading = "number of entries"});
        unknown(std::move(problem));
        blind_ = true;
    }

    void preload() {
        if (auto list = target_.variable("LD_PRELOAD")) {
            for (std::string_view name : abiscope::text::split(*list, " :")) {
                if (is_loadable_name(name, space_.secure())) preload_one(name, "LD_PRELOAD");
            }
        }
        const Candidate& file = world_->candidate(preload_file);
        if (file.error != 0 || !file.module) return;
        std::string names(file.module->bytes().as_text());
        // elf/rtld.c looks for each '#' from the start of the file, but only as many bytes as are left behind the comment before: the end
        // of a later comment may stay.
        for (std::size_t rest = names.size(); rest > 0;) {
            std::size_t at = std::string_view(names).substr(0, rest).find('#');
            if (at == std::string::npos) break;
            rest -= at;
            do names[at] = ' ';
            while (--rest > 0 && names[++at] != '\n');
        }
        for (std::string_view name : abiscope::text::split(names, ": \t\n")) {
            if (!name.empty()) preload_one(name, preload_file);
        }
    }

    void preload_one(std::string_view name, std::string_view list) {
        std::size_t before = space_.chain().size();
        auto mapped = space_.map(space_.program(), name, true);
        if (mapped) {
            if (space_.chain().size() != before) preloads_.push_back(*mapped);
            return;
        }
        if (ended(name, mapped.error())) return;
        Problem problem = make(ProblemKind::preload_ignored, Stage::libraries, text::preload_ignored(name, list, mapped.error().reason));
        problem.fatal = false;
        problem.subject = name;
        problem.object = list;
        problem.trace = space_.trace_search(space_.program(), name);
        if (mapped.error().missing) take_for_granted(assumed_absent(problem.trace, name, target_));
        problem.places.push_back({.file = list == preload_file ? std::string(list) : std::string(),
                                  .offset = std::nullopt,
                                  .size = 0,
                                  .path = std::string(list),
                                  .reading = std::string(name)});
        lines_.push_back(problem.reason);
        out_.problems.push_back(std::move(problem));
    }

    bool map_libraries() {
        if (failed_) return false;
        bool whole = space_.map_dependencies(preloads_, [&](const NeededEntry& entry, const LoadFault& fault) {
            if (ended(entry.text, fault)) return false;
            Problem problem = make(fault.missing ? ProblemKind::library_missing : ProblemKind::library_rejected, Stage::libraries, "");
            problem.reason =
                fault.error == 0 ? std::string(fault.reason) : fmt::format("{}: {}", fault.reason, text::error_text(fault.error));
            problem.error_name = fault.error == 0 ? std::string() : errno_name(fault.error);
            problem.object = space_.shown(*entry.requester);
            problem.subject = entry.text;
            problem.provider = fault.file;
            problem.trace = space_.trace_search(*entry.requester, entry.text);
            if (const elf::Dynamic* dynamic = entry.requester->dynamic()) {
                problem.places.push_back({.file = problem.object,
                                          .offset = dynamic->value_offset(entry.entry),
                                          .size = dynamic->entry_size / 2,
                                          .path = fmt::format("elf/dynamic[{}].d_val", entry.entry),
                                          .reading = entry.text});
            } else {
                problem.places.push_back(
                    {.file = problem.object, .offset = std::nullopt, .size = 0, .path = "description", .reading = entry.text});
            }
            if (!fault.file.empty()) {
                problem.places.push_back(
                    {.file = fault.file, .offset = fault.offset, .size = fault.size, .path = "elf", .reading = std::string(fault.reason)});
            }
            MissingLibrary missing = fault.missing ? how_missing(problem.trace, target_) : MissingLibrary{};
            if (missing.certainty == MissingLibrary::Certainty::unknown) {
                problem.kind = ProblemKind::evidence_missing;
                problem.reason = unknown_folder_text(missing, entry.text, target_);
                problem.error_name.clear();
                unknown(std::move(problem));
                return false;
            }
            problem.certain = missing.certainty == MissingLibrary::Certainty::certain;
            if (!problem.certain) assume("only the libraries of the base system are known: others may be installed");
            fail(std::move(problem), text::load_error(program_.path, fault.object, fault.reason, fault.error), cannot_start);
            return fault.missing;
        });
        find_unknown_folders();
        return whole && !failed_;
    }

    // A folder that was searched before the one with the library, and of which the target says nothing, may hold another of the name.
    void find_unknown_folders() {
        if (failed_ || !target_.files || target_.files->complete()) return;
        for (GlibcObject* object : space_.chain()) {
            if (object->missing() || object->is_loader || object->loader == nullptr || object->names.empty()) continue;
            const std::string& name = object->names.front();
            take_for_granted(assumed_absent(space_.trace_search(*object->loader, name), name, target_));
        }
    }
    void take_for_granted(const std::optional<std::string>& what) {
        if (what) assume(*what), conditional_ = true;
    }

    bool versions() {
        VersionReport report = check_versions(space_, program_, libc_, world_->rules().rules);
        take(report.problems, report.assumptions);
        lines_.insert(lines_.end(), report.lines.begin(), report.lines.end());
        unknown_ |= report.unknown;
        if (!report.failed) return true;
        failed_ = true;
        out_.message.exit_code = report.exit_code;
        return false;
    }

    bool isa_levels() {
        const VerifyRules& rules = world_->rules();
        if (!rules.machine.x86 || !rules.rules.isa_needed) return true;
        if (target_.cpu.features.empty()) {
            assume("the processor has every instruction-set level that is asked for: its features are not known");
            return true;
        }
        std::vector<GlibcObject*> order = space_.sorted();
        for (std::size_t i = order.size(); i-- > 0;) {
            const GlibcObject& object = *order[i];
            if (object.is_loader || object.module->image() == nullptr) continue;
            std::uint32_t missing = object.module->notes().x86_isa_needed.value_or(0) & ~rules.machine.isa_level;
            if (missing == 0) continue;
            std::string line = text::isa_needed(space_.shown(object));
            Problem problem = make(ProblemKind::isa_needed, Stage::isa, line);
            problem.certain = target_.cpu.exact;
            problem.object = space_.shown(object);
            problem.subject = (missing & isa_v4) != 0 ? "x86-64-v4"
                : (missing & isa_v3) != 0             ? "x86-64-v3"
                : (missing & isa_v2) != 0             ? "x86-64-v2"
                                                      : "x86-64-baseline";
            problem.places.push_back({.file = problem.object,
                                      .offset = object.module->notes().x86_isa_offset,
                                      .size = 4,
                                      .path = "elf/note",
                                      .reading = "GNU_PROPERTY_X86_ISA_1_NEEDED"});
            fail(std::move(problem), std::move(line), cannot_start);
            return false;
        }
        return true;
    }

    void symbols() {
        BindingReport report = bind_symbols(*world_, space_, program_, target_, libc_, options_);
        take(report.problems, report.assumptions);
        lines_.insert(lines_.end(), report.lines.begin(), report.lines.end());
        out_.bindings = std::move(report.bindings);
        if (report.failed) {
            failed_ = true;
            if (report.killed) {
                out_.message.signal = report.signal;
                out_.message.exit_code = 128 + number_of(report.signal);
            } else {
                out_.message.exit_code = cannot_start;
            }
        } else if (report.unknown) {
            unknown_ = true;
        } else if (!report.lazy_lines.empty()) {
            conditional_ = true;
            lines_.push_back(report.lazy_lines.front());
            out_.message.exit_code = cannot_start;
        }
    }

    Problem make(ProblemKind kind, Stage stage, std::string_view reason) {
        Problem problem;
        problem.kind = kind;
        problem.stage = stage;
        problem.object = program_.path;
        problem.reason = reason;
        return problem;
    }

    void fail(Problem problem, std::string line, int exit_code) {
        if (!failed_) {
            lines_.push_back(std::move(line));
            out_.message.exit_code = exit_code;
            out_.message.error_name = problem.error_name;
        }
        failed_ = true;
        out_.problems.push_back(std::move(problem));
    }

    // Whether the loader does not live to tell what is wrong with a file.
    bool ended(std::string_view name, const LoadFault& fault) {
        if (fault.crash) crash(name, fault);
        else if (fault.assertion) assertion(name, fault);
        else if (fault.undecided) undecided(name, fault);
        return fault.crash || fault.assertion || fault.undecided;
    }

    void assertion(std::string_view name, const LoadFault& fault) {
        Problem problem = make(ProblemKind::loader_assertion, Stage::libraries, "");
        problem.reason = text::assertion(name == program_.path ? "./get-dynamic-info.h" : "get-dynamic-info.h",
                                         static_cast<std::uint32_t>(fault.error), "elf_get_dynamic_info", fault.reason);
        problem.subject = name;
        problem.provider = fault.file;
        problem.places.push_back(
            {.file = fault.file, .offset = fault.offset, .size = fault.size, .path = "elf/dynamic", .reading = std::string(fault.reason)});
        bool known = fault.error != 0;
        if (!known) assume(fmt::format("the line number in the assertion glibc {} prints is not known", libc_.version.to_string()));
        std::string line = problem.reason;
        fail(std::move(problem), std::move(line), cannot_start);
        if (!known && !lines_.empty()) lines_.pop_back();
    }

    void undecided(std::string_view name, const LoadFault& fault) {
        Problem problem = make(ProblemKind::evidence_missing, Stage::libraries, fault.reason);
        problem.subject = name;
        problem.provider = fault.file;
        problem.places.push_back(
            {.file = fault.file, .offset = fault.offset, .size = fault.size, .path = "elf", .reading = std::string(fault.reason)});
        unknown(std::move(problem));
        // A fault met before ends the start all the same.
        if (!failed_) blind_ = true;
        failed_ = true;
    }

    void crash(std::string_view name, const LoadFault& fault) {
        bool cut_off = fault.reason == "SIGBUS";
        Problem problem =
            make(ProblemKind::crash, Stage::libraries,
                 cut_off ? fmt::format("{} is cut off: reading it behind its end raises {}", fault.file, fault.reason)
                         : fmt::format("glibc before 2.35 writes into the dynamic section of {}, which is read-only", fault.file));
        problem.subject = name;
        problem.provider = fault.file;
        problem.places.push_back({.file = fault.file,
                                  .offset = fault.offset,
                                  .size = fault.size,
                                  .path = "elf/segments",
                                  .reading = cut_off ? "beyond the end of the file" : "read-only"});
        if (!failed_) {
            out_.message.signal = fault.reason;
            out_.message.exit_code = 128 + number_of(fault.reason);
        }
        failed_ = true;
        out_.problems.push_back(std::move(problem));
    }

    void unknown(Problem problem) {
        problem.certain = false;
        unknown_ = true;
        out_.problems.push_back(std::move(problem));
    }

    void assume(std::string what) {
        if (std::ranges::find(out_.assumptions, what) == out_.assumptions.end()) out_.assumptions.push_back(std::move(what));
    }

    void take(std::vector<Problem>& problems, std::vector<std::string>& assumptions) {
        for (Problem& problem : problems) out_.problems.push_back(std::move(problem));
        for (std::string& assumption : assumptions) assume(std::move(assumption));
    }

    Outcome finish() {
        out_.libraries = space_.list_libraries();
        if (space_.relies_on_origin()) {
            if (auto assumed = assumed_proc(target_)) assume(*std::move(assumed));
        }
        auto copy = faster_copy(out_.libraries, out_.problems, world_->rules().machine, target_);
        if (copy) out_.problems.push_back(*copy);
        const Problem* first = nullptr;
        for (const Problem& problem : out_.problems) {
            if (first == nullptr && problem.fatal) first = &problem;
        }
        if (first != nullptr) out_.stage = first->stage;
        bool certain = (first == nullptr || first->certain) && !copy;
        if (blind_) out_.verdict = Verdict::unknown;
        else if (failed_) out_.verdict = certain ? Verdict::fails : Verdict::conditional;
        else if (unknown_) out_.verdict = Verdict::unknown;
        else if (conditional_ || copy) out_.verdict = Verdict::conditional;
        out_.message.text = abiscope::text::join(lines_, "\n");
        return std::move(out_);
    }

    const Program& program_;
    const target::Target& target_;
    const target::Libc& libc_;
    const Options& options_;
    std::shared_ptr<GlibcWorld> world_;
    GlibcNamespace space_;
    std::vector<GlibcObject*> preloads_;
    std::vector<std::string> lines_;
    bool failed_ = false, unknown_ = false, conditional_ = false;
    bool blind_ = false;  // nothing of the answer can be relied upon
    Outcome out_;
};

}  // namespace

Outcome run_glibc(const Program& program, const target::Target& target, const target::Libc& libc, ModuleCache& cache,
                  const Options& options) {
    if (!program.module || program.module->image() == nullptr) {
        Outcome outcome;
        outcome.problems.push_back({.certain = false, .object = program.path, .reason = "the file is not an ELF program", .trace = {}});
        outcome.problems.back().places.push_back({program.path, 0, 4, "elf/header", "no ELF header"});
        return outcome;
    }
    if (!program.module->image()->interpreter() && !options.as_library) return Outcome{.verdict = Verdict::runs};
    return GlibcStart(program, target, libc, cache, options).run();
}

}  // namespace abiscope::loader
