// One walk over a unit that meets every type outside functions: what the index is made of. Function bodies are jumped over where the
// compiler left a link (DW_AT_sibling), and walked without looking where it did not.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "dwarf/scopes.h"
#include "dwarf/structure.h"

namespace abiscope::dwarf {

// A type the scan met. `scope` is a place in the unit's scopes, or Scope::none.
struct Met {
    std::uint64_t offset = 0;
    std::uint64_t key = 0;         // of its structure, when that was asked for
    std::uint32_t scope = Scope::none;
    std::uint16_t tag = 0;
};

class ScanVisitor {
public:
    ScanVisitor() = default;
    ScanVisitor(const ScanVisitor&) = delete;
    ScanVisitor& operator=(const ScanVisitor&) = delete;
    virtual ~ScanVisitor() = default;

    // A complete record with a name, or a typedef of a record that has none. Called when the whole of it was read.
    virtual void record(const Unit&, const Met&) {}

    // Any named type or declaration of one, and with `functions` or `variables` any of those, before its children.
    virtual void named(const Unit&, std::uint64_t offset, std::uint16_t tag, const Attributes&) = 0;
};

struct ScanOptions {
    bool structures = false;   // call record(), which costs a hash of every member
    bool scopes = false;       // note the unit's scopes; `structures` does so too
    bool names = false;        // call named() for types
    bool functions = false;    // call named() for functions
    bool variables = false;    // call named() for variables outside functions
    bool local_types = false;  // look into functions too
};

class Scanner {
public:
    Scanner(const Debug& debug, const ScanOptions& options, StructureHasher& hasher) : debug_(debug), options_(options), hasher_(hasher) {}

    // Walks one unit. What cannot be read ends the walk, with a finding. `scopes` receives the unit's scopes.
    void walk(const Unit& unit, ScanVisitor& visitor, Scopes& scopes, finding::Sink& sink);

private:
    struct Frame {
        std::uint64_t offset = 0;
        std::uint64_t scope_hash = 0;     // of the names up to and with this one
        std::uint64_t structure = 0;      // of a record, so far
        std::uint32_t scope = Scope::none;   // its own place in the scopes, once it has one
        std::uint32_t outer = Scope::none;   // the innermost scope around it
        std::uint32_t structure_frame = 0;   // where members count: itself, or the record around a variant part
        std::uint64_t specification = 0;     // of a record: offset of the entry its name is taken from
        std::uint16_t tag = 0;
        bool named = false;               // names in it are qualified by its own
        bool record = false;
        bool complete = false;            // a record that is reported when it ends
    };

    void entries(const Unit& unit, const AbbreviationTable& table, finding::Sink& sink);
    [[nodiscard]] const std::byte* skip_children(const Unit& unit, const AbbreviationTable& table, const Bytes& bytes,
                                                 const std::byte* at) const;
    void entry(const Unit& unit, std::uint64_t offset, const Abbreviation& abbreviation, const Attributes& attributes);
    void open(const Unit& unit, std::uint64_t offset, const Abbreviation& abbreviation, const Attributes& attributes);
    void close(const Unit& unit, std::uint64_t end);
    void alias(const Unit& unit, std::uint64_t offset, const Attributes& attributes);
    std::uint32_t scope_of_top(const Unit& unit);

    const Debug& debug_;
    ScanOptions options_;
    StructureHasher& hasher_;
    ScanVisitor* visitor_ = nullptr;
    Scopes* scopes_ = nullptr;
    std::vector<Frame> frames_;
    std::vector<std::pair<Met, std::uint64_t>> specified_;   // records whose scope, around that offset, is known when the unit is read
};

}  // namespace abiscope::dwarf
