// The state of musl's loader in the process it starts: its objects in order, errno, and what it has said so far.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "elf/exports.h"
#include "loader/musl_machine.h"
#include "loader/musl_mapping.h"
#include "loader/simulate.h"

namespace abiscope::loader::musl {

// struct dso.
struct Object {
    std::string name;                              // as messages print it
    std::optional<std::string> short_name;         // what later requests without '/' are compared with
    ModulePtr module;                              // null when the file could not be read at all (the loader itself, not on the target)
    std::optional<Mapping> mapping;                // none when only a description is known
    std::vector<elf::DynamicEntry> dynamic;        // up to DT_NULL
    const elf::ExportTable* exports = nullptr;     // null: no symbols known
    Fault lookup_fault = Fault::none;              // what the first lookup in it does to the process; read_dynamic() sets it
    View versym;                                   // DT_VERSYM as far as the file holds it
    std::uint64_t device = 0, inode = 0;
    Object* needed_by = nullptr;
    std::optional<std::string> search_text;        // DT_RUNPATH, or else DT_RPATH, as written
    std::optional<std::string> search_path;        // the same with $ORIGIN replaced; nothing when it may not be used
    bool is_program = false;
    bool is_loader = false;
    bool foreign = false;                          // e_machine is another machine's

    // Last wins among the tags below 37 (decode_vec), first wins for the others (search_vec).
    [[nodiscard]] std::optional<std::uint64_t> last(std::uint64_t tag) const;
    [[nodiscard]] std::optional<std::uint64_t> first(std::uint64_t tag) const;
    // Evidence of an entry of the dynamic section.
    [[nodiscard]] Place dynamic_place(std::uint64_t index, std::string reading) const;
    [[nodiscard]] const elf::Image* image() const { return module ? module->image() : nullptr; }
    // Nothing can be said of what it exports: a description, or the loader itself where its file is not there.
    [[nodiscard]] bool opaque() const { return exports == nullptr && lookup_fault == Fault::none; }
};

class Process {
public:
    Process(const Program& started, const target::Target& on, const target::Libc& libc, ModuleCache& files, const Options& wanted);

    const Program& program;
    const target::Target& target;
    ModuleCache& cache;
    const Options& options;
    Version version;                   // of the libc
    const Machine* machine = nullptr;
    bool secure = false;               // AT_SECURE: the environment is not trusted
    int error = 0;                     // errno, stale values included: the loader prints them
    std::string loader_path;           // ldso.name

    std::deque<Object> objects;        // owns them; addresses stay
    std::vector<Object*> chain;        // in load order, the program first
    Object* loader = nullptr;          // ldso itself; in the chain from the first request for it on

    Outcome outcome;
    std::uint64_t steps = 0;           // symbol table entries and name bytes looked at

    // A path as the process would open it.
    [[nodiscard]] std::string absolute(std::string_view path) const;

    // Prints a line; the exit code becomes 127 once everything was tried.
    void complain(std::string_view line, Problem problem);
    // The process dies here. `stop`ped() from then on.
    void die(Fault fault, Problem problem);
    // The same with the evidence of an address of one object.
    void die_at(Fault fault, Stage stage, const Object& object, std::string reason, std::uint64_t address,
                std::string path = "elf/dynamic");
    // The simulation cannot go on; the problem's reason says what is missing.
    void give_up(Stage stage, std::string object, std::string reason, Place place);
    void warn(Problem problem) { outcome.problems.push_back(std::move(problem)); }
    void assume(std::string what);
    // The same, and another answer would be another verdict.
    void take_for_granted(std::string what) {
        assume(std::move(what));
        conditional_ = true;
    }

    [[nodiscard]] bool stopped() const { return stopped_; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] Outcome finish();

private:
    bool failed_ = false;              // ldso_fail
    bool stopped_ = false;
    bool unknown_ = false;
    bool conditional_ = false;
    std::string signal_;
};

// Makes `object` ready for lookups: its dynamic section, symbol tables and search path. False when the process has stopped.
[[nodiscard]] bool read_dynamic(Process& process, Object& object);

}  // namespace abiscope::loader::musl
