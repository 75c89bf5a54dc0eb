// What is the same for every program that one glibc loader starts on one target: its rules, its cache, and what lies at which path. Kept
// in the ModuleCache, so that a thousand programs pay for it once. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/once.h"
#include "loader/glibc_cache.h"
#include "loader/glibc_machine.h"
#include "loader/glibc_open_verify.h"
#include "loader/module.h"
#include "loader/outcome.h"
#include "target/target.h"

namespace abiscope::loader {

struct GlibcFacts;   // glibc_facts.h: what one module asks and gives, prepared for binding

// A file as the loader meets it: opened, or not, and verified.
struct Candidate {
    int error = 0;                     // errno of open; 0 when it opened
    Acceptance header;                 // only when it opened
    target::FileStatus status;
    ModulePtr module;
};

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

// Where a library was found, or what became of the search.
struct Found {
    const Candidate* candidate = nullptr;    // accepted, or the file that ended the search; null when there is none
    std::string path;                        // as the loader composed it
    FoundBy by = FoundBy::path;
    std::string detail;
    bool other_class = false;                // a library of the other word size was met
    int error = 0;                           // errno as the search left it
    // Of a search that is remembered: what set errno on the way. A directory that is not there does so only the first time it is met.
    struct ErrnoEvent {
        std::string directory;               // one that is not there, below this; empty when a file was tried
        std::size_t below = 0;               // which of GlibcMachine::subdirectories
        int error = 0;
    };
    std::vector<ErrnoEvent> events;
};

// The directories one process knows to be missing. What is below each directory of a list is gone through in one order, from the start
// and as far as the library is found: how far it got says which of them were met.
class MissingDirectories {
public:
    // Whether subdirectory number `below` of this directory is met for the first time.
    [[nodiscard]] bool add(std::string_view directory, std::size_t below) {
        auto known = met_.find(directory);
        if (known == met_.end()) known = met_.emplace(std::string(directory), 0).first;
        if (below < known->second) return false;
        known->second = below + 1;
        return true;
    }

private:
    std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> met_;
};

class GlibcWorld {
public:
    [[nodiscard]] static std::shared_ptr<GlibcWorld> of(const target::Target& target, const target::Libc& libc, ModuleCache& cache,
                                                        const Module& program);
    GlibcWorld(const target::Target& target, const target::Libc& libc, ModuleCache& cache, const Module& program);
    ~GlibcWorld();

    [[nodiscard]] const VerifyRules& rules() const { return rules_; }
    [[nodiscard]] const LdCache& ld_cache() const { return ld_cache_; }
    [[nodiscard]] int ld_cache_error() const { return ld_cache_error_; }   // errno of opening it; 0 when it could be
    [[nodiscard]] const std::vector<std::string>& system_directories() const { return system_directories_; }   // with a trailing slash
    [[nodiscard]] ModuleCache& modules() const { return modules_; }

    // The file at an absolute path. The reference stays valid as long as the world.
    [[nodiscard]] const Candidate& candidate(std::string_view path);
    // What is at an absolute directory (with a trailing slash) and at each of GlibcMachine::subdirectories below it: 0 for a directory,
    // else what looking into it leaves in errno.
    [[nodiscard]] const std::vector<int>& directory_errors(std::string_view directory);
    [[nodiscard]] const Acceptance& segments(const ModulePtr& module, bool no_execute);
    [[nodiscard]] const GlibcFacts& facts(const ModulePtr& module);

    // What holds for a library together with exactly these direct dependencies, in whatever program it is met.
    struct Closure {
        std::vector<std::uint64_t> needed;  // serials of the direct dependencies the rest was worked out for
        std::vector<std::uint64_t> members;  // of everything reachable, itself included, sorted
        std::vector<std::uint32_t> open_references;  // those that must be looked up again in each program
    };
    // The closure remembered for a module. When there is none yet, `make` makes it.
    [[nodiscard]] const Closure& closure(const ModulePtr& module, const std::function<Closure()>& make);
    // Whether these (by serial) are the dependencies remembered for a module: those it was met with first.
    [[nodiscard]] bool has_usual_dependencies(const ModulePtr& module, const std::vector<std::uint64_t>& needed);
    // Whether `other` defines an STT_GNU_IFUNC that `module` binds to at start.
    [[nodiscard]] bool may_bind_to_ifunc(const ModulePtr& module, const ModulePtr& other);

    // ld.so.cache and the built-in directories: the part of a search that is the same whoever asks.
    [[nodiscard]] const Found& default_search(std::string_view name);
    // The same step by step, for those who ask with DF_1_NODEFLIB, in a setuid program, or for a trace.
    struct Walk {
        std::string_view working_directory;
        bool set_user_id_only = false;  // a preload of a setuid program takes setuid files only
        finding::Trace* trace = nullptr;
        MissingDirectories* missing = nullptr;  // null for a search that is remembered
    };
    [[nodiscard]] bool open_path(std::string_view path, std::string_view why, const Walk& walk, Found& found);
    [[nodiscard]] bool open_in(std::span<const std::string> directories, std::string_view name, std::string_view why, const Walk& walk,
                               Found& found);

private:
    template <typename T>
    using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

    struct ModuleRecord {
        Once segments_once, facts_once;
        Acceptance segments;
        std::unique_ptr<GlibcFacts> facts;
        std::mutex mutex;  // guards what follows
        std::optional<std::vector<std::uint64_t>> usual;
        std::unique_ptr<Closure> closure;
        std::vector<std::pair<std::uint64_t, bool>> ifunc_pairs;
    };
    // Belongs to the module: a program that was checked takes what was worked out for it along.
    [[nodiscard]] ModuleRecord& record(const ModulePtr& module) const;

    std::uint64_t serial_ = next_serial();
    ModuleCache& modules_;
    target::Credentials user_;
    VerifyRules rules_;
    std::vector<std::string> system_directories_;
    LdCache ld_cache_;
    int ld_cache_error_ = 0;
    std::shared_mutex candidates_mutex_, directories_mutex_, defaults_mutex_;
    ByText<std::unique_ptr<Candidate>> candidates_;
    ByText<std::vector<int>> directories_;
    ByText<std::unique_ptr<Found>> defaults_;
};

// A path made absolute on the target.
[[nodiscard]] std::string absolute_path(std::string_view path, std::string_view working_directory);

}  // namespace abiscope::loader
