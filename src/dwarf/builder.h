// Entries to types of an abi::TypeTable, each when it is asked for. What a type holds by value is built with it; behind a pointer only the
// name is, and complete() fetches the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "abi/type.h"
#include "dwarf/debug.h"
#include "dwarf/entry.h"
#include "dwarf/index.h"
#include "dwarf/line_files.h"
#include "dwarf/name_budget.h"
#include "dwarf/scope_cache.h"
#include "dwarf/structure.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

struct BuilderOptions {
    bool sources = true;   // fill Type::declared, which reads the line tables' file names
    bool merge = true;     // the same declaration seen in many units becomes one type
    bool details = false;  // fill Enumeration::enumerators, and the slot and type of virtual functions
    unsigned threads = 0;  // of the index, should one be needed
};

// What builders of one thread share: tables of abbreviations, scopes and file names that were read already.
struct BuilderTools {
    BuilderTools(const Debug& debug, const TypeIndex* index)
        : reader(debug), hasher(debug, StructureHasher::Names::by_content), scopes(debug, index), lines(debug) {}

    EntryReader reader;
    StructureHasher hasher;
    ScopeCache scopes;
    LineFiles lines;
};

class TypeBuilder {
public:
    // `index` may be null: it is made when a type is only declared where it is used, and its definition has to be found.
    TypeBuilder(const Debug& debug, abi::TypeTable& table, const TypeIndex* index, finding::Sink& sink, const BuilderOptions& options = {},
                std::shared_ptr<BuilderTools> tools = nullptr);

    // The type of an entry, complete as far as the file knows it. TypeId::none for an entry that is damaged or no type.
    [[nodiscard]] abi::TypeId build(EntryRef ref);

    // Fills in a record that so far is only named (Record::complete is false), and what it holds by value. False when there is no
    // definition.
    bool complete(abi::TypeId id);

    // Whether it is a record that its unit only declares.
    [[nodiscard]] bool is_declaration(abi::TypeId id) const;

    // The one record of the program that a declaration can stand for, named but not yet complete; TypeId::none when there is none, or more
    // than one.
    [[nodiscard]] abi::TypeId definition(abi::TypeId id);

    // A function type of a subprogram or subroutine type, and of the entry that has its parameters.
    [[nodiscard]] abi::TypeId build_function(const Entry& entry, const Entry& parameters);

    [[nodiscard]] const abi::TypeTable& table() const { return table_; }
    [[nodiscard]] EntryReader& reader() { return tools_->reader; }
    [[nodiscard]] LineFiles& line_files() { return tools_->lines; }

private:
    enum class State : std::uint8_t { named, being_built, complete, undefined };
    struct Pending {
        EntryRef ref;  // of the definition, or of a declaration
        State state = State::named;
        bool declaration = false;
    };

    // builder.cc
    abi::TypeId shallow(EntryRef ref, unsigned depth);
    abi::TypeId make(const Entry& entry, unsigned depth);
    abi::TypeId make_named(const Entry& found);
    std::uint64_t structure_key(const Entry& entry, std::string_view name, bool declaration);
    abi::TypeId make_array(const Entry& entry, unsigned depth);
    abi::TypeId make_string(const Entry& entry);
    abi::TypeId make_scalar(const Entry& entry);
    abi::TypeId make_modified(const Entry& entry, unsigned depth);
    abi::TypeId make_member_pointer(const Entry& entry, unsigned depth);
    abi::TypeId make_alias(const Entry& entry, unsigned depth);
    abi::TypeId make_function(const Entry& entry, const Entry& parameters, unsigned depth);
    abi::TypeId intern(std::uint64_t key, abi::Type type);
    abi::TypeId target_of(const Entry& entry, unsigned depth, Slot slot = Slot::type);
    void complete(abi::TypeId id, unsigned depth);
    bool define(abi::TypeId id);
    const TypeIndex& index();

    // builder_record.cc
    void fill_record(abi::TypeId id, const Entry& entry, unsigned depth);
    void fill_children(abi::Record& record, const Entry& entry, unsigned depth, std::string_view own_name);
    void add_variants(abi::Record& record, const Entry& part, unsigned depth);
    abi::Field make_field(const Entry& member, abi::Access access, unsigned depth);
    void set_sizes(abi::Type& type, const Entry& entry);
    abi::Enumeration read_enumeration(const Entry& entry, abi::Type& type);

    // builder_go.cc
    std::optional<abi::TypeId> make_go(const Entry& entry, unsigned depth);

    std::string kept(std::string_view name);
    bool is_unfinished(abi::TypeId id) const;
    void invalid(const Entry& entry, std::string_view why);

    const Debug& debug_;
    abi::TypeTable& table_;
    const TypeIndex* index_;
    std::unique_ptr<TypeIndex> own_index_;
    finding::Sink& sink_;
    BuilderOptions options_;
    std::shared_ptr<BuilderTools> tools_;
    EntryReader& reader_;
    StructureHasher& hasher_;
    ScopeCache& scopes_;
    LineFiles& lines_;
    std::unordered_map<std::uint64_t, abi::TypeId> by_entry_;
    std::unordered_map<std::uint64_t, abi::TypeId> by_key_;  // of the structure: one type for the same declaration in many units
    std::unordered_map<abi::TypeId, Pending> records_;
    const Unit* hashed_unit_ = nullptr;
    NameBudget names_;
};

// What follows from the places of members alone. builder_infer.cc
// - packed and #pragma pack, from members off their natural alignment, which for scalars is at most `most_alignment` bytes;
// - [[no_unique_address]], from members that overlap.
void infer_attributes(abi::TypeTable& table, abi::TypeId id, std::uint64_t most_alignment);

// What a member function of a class says: whether it is a special member, or virtual. special_members.cc
void read_member_function(EntryReader& reader, const Entry& function, std::string_view own_name, abi::Record& into);

}  // namespace abiscope::dwarf
