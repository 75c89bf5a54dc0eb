#include "loader/glibc_world.h"

#include <algorithm>
#include <cerrno>
#include <mutex>

#include <fmt/format.h>

#include "elf/spec.h"
#include "loader/errno_names.h"
#include "loader/glibc_environment.h"
#include "loader/glibc_facts.h"
#include "loader/glibc_messages.h"

namespace abiscope::loader {

namespace {

// Bits of e_flags a library must share with the loader: RISC-V's float ABI and RVE (elf/elf.h, EF_RISCV_*).
constexpr std::uint32_t riscv_flags_mask = 0x0e;
// Bits it must not have (sysdeps/arm/dl-machine.h, elf_machine_matches_host).
constexpr std::uint32_t arm_float_soft = 0x200, arm_float_hard = 0x400;

std::string key_of(const target::Target& target, const target::Libc& libc, const elf::Header& header) {
    std::string key;
    // Made for each program, and of hundreds of features.
    std::size_t size = 256;
    for (const std::string& feature : target.cpu.features) size += feature.size() + 1;
    key.reserve(size);
    auto add = [&](std::string_view text) { key.append(text).push_back(' '); };
    for (std::string_view text : {std::string_view(libc.loader), std::string_view(libc.lib_token), std::string_view(libc.platform_token),
                                  std::string_view(libc.cache), std::string_view(target.cpu.name)})
        add(text);
    for (std::uint64_t number : {std::uint64_t{target.user.uid}, std::uint64_t{target.user.gid}, std::uint64_t{target.kernel.page_size},
                                 std::uint64_t{header.machine}, std::uint64_t{header.ident_class()}, std::uint64_t{header.ident_data()},
                                 std::uint64_t{header.flags}})
        add(std::to_string(number));
    add(libc.version.to_string());
    add(target.kernel.version.to_string());
    add(target.variable("LD_ASSUME_KERNEL").value_or(std::string_view()));
    for (const std::string& directory : libc.directories) add(directory);
    for (const std::string& feature : target.cpu.features) add(feature);
    return key;
}

}  // namespace

std::string absolute_path(std::string_view path, std::string_view working_directory) {
    if (path.starts_with('/')) return std::string(path);
    std::string out(working_directory.empty() ? std::string_view("/") : working_directory);
    if (!out.ends_with('/')) out.push_back('/');
    return out += path;
}

std::shared_ptr<GlibcWorld> GlibcWorld::of(const target::Target& target, const target::Libc& libc, ModuleCache& cache,
                                           const Module& program) {
    return cache.shared<GlibcWorld>(key_of(target, libc, program.image()->header()),
                                    [&] { return std::make_shared<GlibcWorld>(target, libc, cache, program); });
}

GlibcWorld::GlibcWorld(const target::Target& target, const target::Libc& libc, ModuleCache& cache, const Module& program)
    : modules_(cache), user_(target.user) {
    const elf::Image& image = *program.image();
    target::ElfIdentity identity{image.header().machine, image.encoding().wide, image.encoding().order == Endian::big};
    rules_.machine = glibc_machine(target, libc, identity);
    rules_.rules = glibc_rules(libc.version);
    rules_.page_size = target.kernel.page_size;
    rules_.kernel = rules_.rules.kernel_floor ? believed_kernel(target) : target.kernel.version;
    rules_.libc = libc.version;
    if (identity.machine == elf::em_riscv) {
        rules_.flags_mask = riscv_flags_mask;
        rules_.flags_value = image.header().flags & riscv_flags_mask;
    }
    if (identity.machine == elf::em_arm)
        rules_.flags_mask = target.architecture == target::Architecture::armel ? arm_float_hard : arm_float_soft;
    for (const std::string& directory : libc.directories)
        system_directories_.push_back(directory.ends_with('/') ? directory : directory + "/");
    if (!libc.cache.empty()) {
        auto contents = cache.files()->open(libc.cache, user_);
        if (contents) {
            if (const auto* bytes = std::get_if<SourcePtr>(&*contents)) {
                ld_cache_ = LdCache(*bytes, image.encoding().order, rules_.rules.cache_count_checked);
            }
        } else {
            // A directory opens, and cannot be mapped.
            ld_cache_error_ = contents.error() == EISDIR ? ENODEV : contents.error();
        }
    }
}

GlibcWorld::~GlibcWorld() = default;

const Candidate& GlibcWorld::candidate(std::string_view path) {
    {
        std::shared_lock lock(candidates_mutex_);
        if (auto known = candidates_.find(path); known != candidates_.end()) return *known->second;
    }
    auto made = std::make_unique<Candidate>();
    auto opened = modules_.open(path, user_);
    if (!opened) {
        made->error = opened.error();
    } else {
        made->status = opened->status;
        made->module = opened->module;
        if (made->module == nullptr) {
            made->header = {.kind = Acceptance::Kind::fatal, .reason = glibc_text::cannot_read, .error = EISDIR, .offset = 0, .size = 0};
        } else {
            made->header = verify_header(*made->module, rules_);
        }
    }
    std::unique_lock lock(candidates_mutex_);
    return *candidates_.try_emplace(std::string(path), std::move(made)).first->second;
}

const std::vector<int>& GlibcWorld::directory_errors(std::string_view directory) {
    {
        std::shared_lock lock(directories_mutex_);
        if (auto known = directories_.find(directory); known != directories_.end()) return known->second;
    }
    std::vector<int> errors;
    for (const std::string& below : rules_.machine.subdirectories) {
        auto status = modules_.files()->status(std::string(directory) + below, user_);
        errors.push_back(!status ? status.error() : status->kind == target::FileKind::directory ? 0 : ENOTDIR);
    }
    std::unique_lock lock(directories_mutex_);
    return directories_.try_emplace(std::string(directory), std::move(errors)).first->second;
}

GlibcWorld::ModuleRecord& GlibcWorld::record(const ModulePtr& module) const { return module->derived<ModuleRecord>(serial_); }

const Acceptance& GlibcWorld::segments(const ModulePtr& module, bool no_execute) {
    ModuleRecord& known = record(module);
    known.segments_once.call([&] { known.segments = verify_segments(*module, rules_, no_execute); });
    return known.segments;
}

const GlibcFacts& GlibcWorld::facts(const ModulePtr& module) {
    ModuleRecord& known = record(module);
    known.facts_once.call([&] { known.facts = std::make_unique<GlibcFacts>(*module, rules_); });
    return *known.facts;
}

const GlibcWorld::Closure& GlibcWorld::closure(const ModulePtr& module, const std::function<Closure()>& make) {
    ModuleRecord& known = record(module);
    {
        std::lock_guard lock(known.mutex);
        if (known.closure) return *known.closure;
    }
    auto made = std::make_unique<Closure>(make());
    std::lock_guard lock(known.mutex);
    if (!known.closure) known.closure = std::move(made);
    return *known.closure;
}

bool GlibcWorld::has_usual_dependencies(const ModulePtr& module, const std::vector<std::uint64_t>& needed) {
    ModuleRecord& known = record(module);
    std::lock_guard lock(known.mutex);
    if (!known.usual) known.usual = needed;
    return *known.usual == needed;
}

bool GlibcWorld::may_bind_to_ifunc(const ModulePtr& module, const ModulePtr& other) {
    ModuleRecord& known = record(module);
    {
        std::lock_guard lock(known.mutex);
        for (const auto& [met, answer] : known.ifunc_pairs) {
            if (met == other->serial()) return answer;
        }
    }
    const GlibcFacts& asking = facts(module);
    const GlibcFacts& giving = facts(other);
    bool answer = std::ranges::any_of(asking.references, [&](const Reference& reference) {
        const FoundVersion* version = reference.version == 0 ? nullptr : &asking.versions[reference.version];
        auto definition = giving.find(reference.name, version, reference.lookup_class, rules_.rules);
        return definition.found && definition.symbol.type() == elf::stt_gnu_ifunc;
    });
    std::lock_guard lock(known.mutex);
    known.ifunc_pairs.emplace_back(other->serial(), answer);
    return answer;
}

bool GlibcWorld::open_path(std::string_view path, std::string_view why, const Walk& walk, Found& found) {
    const Candidate& candidate =
        this->candidate(path.starts_with('/') ? path : std::string_view(absolute_path(path, walk.working_directory)));
    auto note = [&](finding::StepAction action, std::string_view reason) {
        if (walk.trace != nullptr) walk.trace->push_back({action, std::string(path), fmt::format("{}: {}", why, reason)});
    };
    if (candidate.error != 0) {
        found.error = candidate.error;
        note(finding::StepAction::tried, errno_text(candidate.error));
        return false;
    }
    found.error = candidate.header.error;
    switch (candidate.header.kind) {
        case Acceptance::Kind::accepted: break;
        case Acceptance::Kind::skipped: note(finding::StepAction::skipped, candidate.header.reason); return false;
        case Acceptance::Kind::other_class:
            found.other_class = true;
            note(finding::StepAction::skipped, candidate.header.reason);
            return false;
        case Acceptance::Kind::fatal:
        case Acceptance::Kind::crash:
        case Acceptance::Kind::assertion:
        case Acceptance::Kind::undecided:
            note(finding::StepAction::failed, candidate.header.reason);
            found.candidate = &candidate;
            found.path = path;
            return true;
    }
    if (walk.set_user_id_only && (candidate.status.mode & 04000) == 0) {
        found.error = ENOENT;
        note(finding::StepAction::skipped, "not setuid, and the program is");
        return false;
    }
    note(finding::StepAction::chosen, "found");
    found.candidate = &candidate;
    found.path = path;
    found.detail = why;
    return true;
}

bool GlibcWorld::open_in(std::span<const std::string> directories, std::string_view name, std::string_view why, const Walk& walk,
                         Found& found) {
    const std::vector<std::string>& subdirectories = rules_.machine.subdirectories;
    // A relative directory is never remembered as absent: the working directory may change.
    std::vector<int> there;
    for (const std::string& directory : directories) {
        bool any_here = false;
        bool relative = !directory.starts_with('/');
        if (relative) there.resize(subdirectories.size());
        const std::vector<int>& errors = relative ? there : directory_errors(directory);
        for (std::size_t i = 0; i < subdirectories.size(); ++i) {
            if (int error = errors[i]; error != 0) {
                if (walk.missing == nullptr) {
                    found.error = error;
                    found.events.push_back({directory, i, error});
                } else if (walk.missing->add(directory, i)) {
                    found.error = error;
                }
                if (walk.trace != nullptr && subdirectories[i].empty()) {
                    walk.trace->push_back(
                        {finding::StepAction::tried, directory + std::string(name), fmt::format("{}: no such directory", why)});
                }
                continue;
            }
            any_here = true;
            if (open_path(directory + subdirectories[i] + std::string(name), why, walk, found)) return true;
            if (walk.missing == nullptr) found.events.push_back({{}, 0, found.error});
        }
        if (any_here && found.error != ENOENT && found.error != EACCES) return false;
    }
    return false;
}

const Found& GlibcWorld::default_search(std::string_view name) {
    {
        std::shared_lock lock(defaults_mutex_);
        if (auto known = defaults_.find(name); known != defaults_.end()) return *known->second;
    }
    auto found = std::make_unique<Found>();
    Walk walk;
    auto cached = ld_cache_.lookup(name, rules_.machine.cache);
    bool by_cache = cached && open_path(*cached, "ld.so.cache", walk, *found);
    if (cached && !by_cache) found->events.push_back({{}, 0, found->error});
    if (by_cache) {
        found->by = FoundBy::cache;
    } else if (open_in(system_directories_, name, "built-in directory", walk, *found)) {
        found->by = FoundBy::default_directory;
    }
    std::unique_lock lock(defaults_mutex_);
    return *defaults_.try_emplace(std::string(name), std::move(found)).first->second;
}

}  // namespace abiscope::loader
