// Relocation of one object, as reloc_all() and do_relocs() of ldso/dynlink.c do it before main: every relocation, none lazily.
#pragma once

#include <unordered_map>

#include "loader/musl_symbols.h"

namespace abiscope::loader::musl {

class Relocator {
public:
    explicit Relocator(Process& process) : process_(process) {}

    // All of its tables in musl's order, then RELRO. Lines go to the process; check stopped() afterwards.
    void relocate(const Object& object);

    // What comes of DT_RELR in an object that is loaded by a musl which does not know it.
    void judge_unknown_relr(const Object& object);

private:
    struct RelrEnd {
        Fault fault = Fault::none;
        std::uint64_t index = 0;       // of the record that could not be read
    };
    template <typename Visit>
    [[nodiscard]] RelrEnd walk_relr(const Object& object, Visit&& visit) const;
    struct Table {
        std::string_view name;         // elf/rela, for evidence
        std::uint64_t address, size;
        unsigned words;                // per record
    };
    struct Record {
        std::uint64_t offset, info, addend;
        std::uint64_t index;
        std::uint64_t file_offset;
    };
    void apply_table(const Table& table);
    void apply(const Table& table, const Record& record);
    void apply_relr();
    void protect();
    [[nodiscard]] Definition resolve(const elf::Symbol& symbol, std::uint64_t symbol_index, bool copy, Need need);
    void write(const Record& record, const Table& table, std::uint64_t size);
    void copy(const Record& record, const Table& table, const elf::Symbol& symbol, const Definition& definition);
    void note_binding(const elf::Symbol& symbol, std::uint64_t symbol_index, const Definition& definition, std::string_view kind);
    [[nodiscard]] Place place_of(const Table& table, const Record& record, std::string reading) const;
    [[nodiscard]] Problem problem_of(ProblemKind kind, Stage stage, const Table& table, const Record& record,
                                     std::string_view symbol) const;
    void crash(Fault fault, const Table& table, const Record& record, std::string_view symbol, std::string reason);

    Process& process_;
    const Object* object_ = nullptr;
    elf::SymbolTable symbols_;                                  // of the object, as far as its segment goes
    std::unordered_map<std::uint64_t, Definition> known_;       // of the object: by symbol index and need
};

}  // namespace abiscope::loader::musl
