// A pointer whose relocation was not applied: it has the value it has in the file, and so has all of the table it belongs to.
#include <fmt/format.h>

#include "elf/relocations.h"
#include "elf/spec.h"
#include "elf/symbols.h"
#include "rules/crash_pointer_source.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t most_places = 1 << 20;   // of all tables

// A table of relocations, held against memory.
struct TableState {
    explicit TableState(std::string_view of) : name(of) {}

    std::string_view name;
    std::uint64_t applied = 0, original = 0;
    std::optional<std::uint64_t> place;    // in memory, that holds the value asked for and is as in the file
    std::uint64_t should = 0;              // what it would hold
};

class Comparison {
public:
    Comparison(const core::Crash& crash, const core::Module& module, const PointerUse& use) : crash_(crash), module_(module), use_(use) {}

    void count(TableState& table, std::uint64_t place, std::uint64_t should) const {
        auto now = in_memory(place);
        if (!now) return;
        std::uint64_t original = in_file(place);
        if (*now == should) ++table.applied;
        if (*now != original || *now == should) return;
        ++table.original;
        std::uint64_t address = place + module_.bias;
        if (*now != use_.value || (use_.slot && *use_.slot != address && table.place == use_.slot)) return;
        if (table.place && address != use_.slot) return;
        table.place = address;
        table.should = should;
    }

    // The same for one that a symbol decides: any other value counts as applied.
    void count_bound(TableState& table, std::uint64_t place, std::uint64_t should) const {
        auto now = in_memory(place);
        if (now && *now != in_file(place) && *now != should) ++table.applied;
        count(table, place, should);
    }

    [[nodiscard]] std::uint64_t in_file(std::uint64_t place) const {
        const elf::Image& image = *module_.image;
        std::uint64_t width = crash_.process.wide() ? 8 : 4;
        View bytes = image.view_at(place, width);
        if (bytes.size() != width) return 0;   // behind what the file holds of the segment
        return width == 8 ? load<std::uint64_t>(bytes.data(), image.encoding().order)
                          : load<std::uint32_t>(bytes.data(), image.encoding().order);
    }

private:
    // Only what the dump itself holds: what stands for it out of the file is not relocated, of course.
    [[nodiscard]] std::optional<std::uint64_t> in_memory(std::uint64_t place) const {
        const core::Memory& memory = crash_.process.memory;
        if (memory.chunk(place + module_.bias).origin != core::Origin::dump) return std::nullopt;
        return memory.word(place + module_.bias);
    }

    const core::Crash& crash_;
    const core::Module& module_;
    const PointerUse& use_;
};

// The first table of which nothing was applied and which has the value at one of its places.
std::optional<TableState> unapplied_table(const core::Crash& crash, const core::Module& module, const PointerUse& use,
                                          std::uint64_t& left) {
    const elf::Image& image = *module.image;
    Comparison comparison(crash, module, use);
    std::uint64_t mask = crash.process.wide() ? ~std::uint64_t{0} : 0xffffffff;
    std::vector<TableState> tables;
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        TableState table(range.table == elf::RelocationTable::jmprel ? "DT_JMPREL" : range.with_addend ? "DT_RELA" : "DT_REL");
        // Most modules have been relocated: the first place that is as it should be says so.
        for (std::uint64_t i = 0; i < range.size() && left != 0 && table.applied == 0; ++i, --left) {
            elf::Relocation one = elf::relocation_at(image, range, i);
            elf::RelocationRole role = elf::role_of(image.header().machine, one.type);
            if (role == elf::RelocationRole::relative) {
                std::uint64_t addend = range.with_addend ? static_cast<std::uint64_t>(one.addend) : comparison.in_file(one.offset);
                comparison.count(table, one.offset, (addend + module.bias) & mask);
            } else if (role == elf::RelocationRole::glob_dat || role == elf::RelocationRole::symbolic) {
                // Another module may define it first: whatever it is bound to, it is not what is in the file.
                elf::Symbol symbol = symbols.unnamed_at(one.symbol);
                if (one.symbol != 0 && symbol.defined())
                    comparison.count_bound(table, one.offset, (symbol.value + static_cast<std::uint64_t>(one.addend) + module.bias) & mask);
            } else if (role == elf::RelocationRole::jump_slot) {
                // As long as it is not bound, a lazy slot leads back into the PLT, where that is loaded.
                comparison.count_bound(table, one.offset, (comparison.in_file(one.offset) + module.bias) & mask);
            }
        }
        tables.push_back(table);
    }
    TableState relr("DT_RELR");
    elf::visit_relr(image, [&](std::uint64_t place) {
        if (left == 0 || relr.applied != 0) return false;
        comparison.count(relr, place, (comparison.in_file(place) + module.bias) & mask);
        --left;
        return true;
    });
    tables.push_back(relr);
    for (TableState& table : tables) {
        if (table.applied == 0 && table.original != 0 && table.place) return table;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Cause> unrelocated_pointer(core::Crash& crash, const PointerUse& use) {
    const core::Module* of_slot = use.slot ? crash.process.module_at(*use.slot) : nullptr;
    std::uint64_t left = most_places;
    for (const core::Module& module : crash.process.modules) {
        if (!module.image || module.bias == 0 || module.image->header().type != elf::et_dyn) continue;
        std::uint64_t end = 0;
        for (const elf::Segment& segment : module.image->segments()) {
            if (segment.type == elf::pt_load) end = std::max(end, segment.vaddr + segment.memsz);
        }
        if (use.value >= end || (use.value == 0 && &module != of_slot)) continue;
        auto table = unapplied_table(crash, module, use, left);
        if (!table) continue;
        bool here = use.slot == table->place;
        // One null pointer may be the program's own; that all of a table are as in the file is nobody's choice.
        if (use.value == 0 && (!here || table->original < 2)) continue;
        std::uint64_t place = *table->place;
        CauseBuilder builder = begin_pointer(RuleId::CRASH_UNRELOCATED, crash, use);
        builder.with("module", std::string(module.name()));
        builder.with("what",
                     use.call ? fmt::format("a call went to {} instead of {}", hexadecimal(use.value), hexadecimal(table->should))
                              : fmt::format("{} {} instead of {}", use.what, hexadecimal(use.value), hexadecimal(table->should)));
        builder.memory(place, crash.process.wide() ? 8 : 4,
                       fmt::format("{} holds {}, as in the file; relocated it would hold {}", hexadecimal(place), hexadecimal(use.value),
                                   hexadecimal(table->should)));
        builder.derived(fmt::format("{} is loaded {} above where it was linked", module.name(), hexadecimal(module.bias)));
        builder.derived(fmt::format("of {}, {} place{} as in the file, and none as it should be", table->name, table->original,
                                    table->original == 1 ? " is" : "s are"));
        if (!here) builder.confidence(Confidence::likely, "that the pointer was read from this place is concluded from its value");
        builder.reject("a small integer used as a pointer", "it is the value that a relocation was to change");
        builder.reject("an overwritten pointer", "no place of the table was changed");
        builder.help(fmt::format("whoever loads {} has to apply {} before its code runs", module.name(), table->name));
        return builder.build();
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
