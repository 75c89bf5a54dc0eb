// Types and functions out of the debug information of a program: a TypeSource that is the same under every profile.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "debuginfo/program_abi.h"
#include "debuginfo/program_types.h"
#include "finding/sink.h"
#include "source/declarations.h"

namespace abiscope::source {

// What is read of a program: names and globs, as dwarf::name_matches() takes them. Of the others nothing is.
struct ProgramWanted {
    std::vector<std::string> types;
    std::vector<std::string> functions;
};

class ProgramSource final : public TypeSource {
public:
    // Errors: those of ProgramTypes::open() and program_abi().
    [[nodiscard]] static Result<std::unique_ptr<ProgramSource>> open(const SourcePtr& program, debuginfo::FileFinder& finder,
                                                                     const debuginfo::DebugFolders& folders, ProgramWanted wanted);

    [[nodiscard]] Result<std::shared_ptr<const Declarations>> declarations(const abi::Profile& profile) override;

    // Every type that declarations() would have for "*", in small tables that are dropped again: `work` on any thread, `done` on the
    // caller's, in order (dwarf/visit.h). `work` gets TypeId::none for what is none of them.
    void visit_types(const dwarf::TypeWork& work, const dwarf::VisitDone& done);

    [[nodiscard]] const debuginfo::ProgramAbi& own() const { return own_; }
    [[nodiscard]] const SourcePtr& file() const { return file_; }
    [[nodiscard]] const dwarf::Debug& debug() const { return program_.debug(); }
    // Damaged and missing parts of the debug information, those met by declarations() too.
    [[nodiscard]] const std::vector<finding::Finding>& findings() const { return sink_->findings(); }

private:
    ProgramSource(SourcePtr file, debuginfo::ProgramTypes program, debuginfo::ProgramAbi own, ProgramWanted wanted,
                  std::unique_ptr<finding::Sink> sink)
        : file_(std::move(file)), program_(std::move(program)), own_(std::move(own)), wanted_(std::move(wanted)), sink_(std::move(sink)) {}
    [[nodiscard]] std::optional<abi::Profile> own_profile() const;
    [[nodiscard]] bool is_shown(const abi::TypeTable& types, abi::TypeId id) const;
    [[nodiscard]] bool is_asked_for(const abi::TypeTable& types, abi::TypeId id) const;
    [[nodiscard]] bool is_record(const abi::TypeTable& types, abi::TypeId id) const;
    void translate(abi::TypeTable& types, const std::optional<abi::Profile>& profile) const;
    void read_types(Declarations& into);
    void read_functions(Declarations& into);
    void add_rust(Declarations& into, const dwarf::FunctionSignature& function, abi::Signature signature) const;

    SourcePtr file_;
    debuginfo::ProgramTypes program_;
    debuginfo::ProgramAbi own_;
    ProgramWanted wanted_;
    std::unique_ptr<finding::Sink> sink_;
    std::shared_ptr<const Declarations> read_;
};

}  // namespace abiscope::source
