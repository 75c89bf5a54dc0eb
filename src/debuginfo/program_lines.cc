#include "debuginfo/program_lines.h"

#include <optional>
#include <utility>

#include "dwarf/pages.h"

namespace abiscope::debuginfo {

namespace {

// Of one unit: its line table, and where its relative paths start.
struct UnitLines {
    UnitLines(dwarf::EntryReader& reader, const dwarf::Unit& unit) : header(dwarf::read_line_header(reader.debug(), unit)) {
        dwarf::Entry root;
        if (reader.read({&unit, unit.entries}, root)) directory = reader.text(root, dwarf::Slot::comp_dir);
    }

    [[nodiscard]] SourcePlace place(std::uint64_t file, std::uint32_t line, std::uint32_t column, bool is_statement) const {
        return {.file = header ? dwarf::full_path(*header, file, directory) : std::string(),
                .line = line,
                .column = column,
                .is_statement = is_statement};
    }

    Result<dwarf::LineHeader> header;
    std::string directory;
};

}  // namespace

ProgramLines::ProgramLines(dwarf::Debug debug)
    : debug_(std::make_unique<dwarf::Debug>(std::move(debug))), units_(std::make_unique<dwarf::CodeUnits>(*debug_)) {}

Result<ProgramLines> ProgramLines::open(const DebugFile& file, FileFinder* finder, const Limits& limits) {
    ABISCOPE_TRY(auto debug, open_debug_lazily(file, finder, limits));
    return ProgramLines(std::move(debug));
}

void ProgramLines::find_in(const dwarf::Unit& unit, std::span<const std::uint64_t> addresses, std::span<CodePlace> places) {
    const dwarf::Unit* entries = debug_->load_split(unit);
    // Tables of abbreviations are those of one unit: a reader of its own gives them back.
    dwarf::EntryReader reader(*debug_);
    UnitLines lines(reader, unit);
    std::vector<std::optional<dwarf::LineRow>> rows(addresses.size());
    if (lines.header) rows = dwarf::find_lines(*lines.header, unit.encoding.order, addresses);
    std::vector<dwarf::CodeFunction> functions(addresses.size());
    if (entries != nullptr) functions = dwarf::find_functions_at(reader, *entries, addresses);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        CodePlace& place = places[i];
        SourcePlace here;
        if (rows[i]) here = lines.place(rows[i]->file, rows[i]->line, rows[i]->column, rows[i]->is_statement);
        for (const dwarf::InlinedCall& call : functions[i].inlined) {
            place.inlined.push_back({.function = std::string(call.function), .source = std::move(here)});
            here = lines.place(call.file, call.line, call.column, false);
        }
        place.source = std::move(here);
        place.function = functions[i].name;
        place.function_start = functions[i].low;
    }
}

std::vector<CodePlace> ProgramLines::find(std::span<const std::uint64_t> addresses) {
    std::vector<CodePlace> places(addresses.size());
    std::vector<const dwarf::Unit*> units = units_->find(addresses);
    std::vector<bool> done(addresses.size());
    std::vector<std::size_t> numbers;
    std::vector<std::uint64_t> own;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (units[i] == nullptr || done[i]) continue;
        numbers.clear();
        own.clear();
        for (std::size_t j = i; j < addresses.size(); ++j) {
            if (units[j] != units[i]) continue;
            done[j] = true;
            numbers.push_back(j);
            own.push_back(addresses[j]);
        }
        std::vector<CodePlace> found(own.size());
        find_in(*units[i], own, found);
        for (std::size_t j = 0; j < own.size(); ++j) places[numbers[j]] = std::move(found[j]);
        dwarf::give_back_pages(*debug_);
    }
    return places;
}

const dwarf::Unit* ProgramLines::unit_at(std::uint64_t address) {
    const dwarf::Unit* unit = units_->find(std::span(&address, 1)).front();
    return unit == nullptr ? nullptr : debug_->load_split(*unit);
}

}  // namespace abiscope::debuginfo
