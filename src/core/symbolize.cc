#include "core/symbolize.h"

#include <algorithm>
#include <array>
#include <map>

#include "elf/exports.h"
#include "elf/symbols.h"
#include "finding/sink.h"

namespace abiscope::core {

namespace {

constexpr std::uint8_t stt_notype = 0;
constexpr std::uint8_t stt_func = 2;
constexpr std::uint8_t stt_gnu_ifunc = 10;

struct Best {
    std::uint64_t value = 0;
    std::uint64_t size = 0;
    std::uint64_t index = 0;
    int rank = -1;                     // of the symbol; -1: none
    const elf::SymbolTable* table = nullptr;
};

// Of several names of one function: a sized one, then the global one, then that with fewer underscores in front.
int rank_of(const elf::Symbol& symbol, std::string_view name) {
    int rank = symbol.size != 0 ? 100 : 0;
    rank += symbol.binding() == 1 ? 20 : symbol.binding() == 2 ? 10 : 0;
    for (std::size_t i = 0; i < 3 && i < name.size() && name[i] == '_'; ++i) --rank;
    return rank;
}

void look(const elf::SymbolTable& table, const std::vector<std::uint64_t>& addresses, std::vector<Best>& best) {
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        elf::Symbol symbol = table.unnamed_at(i);
        bool function = symbol.type() == stt_func || symbol.type() == stt_gnu_ifunc || symbol.type() == stt_notype;
        if (!function || !symbol.defined() || symbol.section >= 0xff00) continue;
        auto at = std::ranges::lower_bound(addresses, symbol.value);
        for (; at != addresses.end(); ++at) {
            if (symbol.size == 0 ? *at - symbol.value >= 4096 : *at - symbol.value >= symbol.size) break;
            Best& current = best[static_cast<std::size_t>(at - addresses.begin())];
            // A symbol without a size gives way to any that covers the address, and a far one to a near one.
            bool current_sized = current.rank >= 0 && current.size != 0;
            if (current.rank >= 0 && current_sized && symbol.size == 0) continue;
            bool better = current.rank < 0 || (!current_sized && symbol.size != 0) || symbol.value > current.value;
            int rank = rank_of(symbol, table.name_at(i));
            if (!better && symbol.value == current.value) better = rank > current.rank;
            if (better) current = {symbol.value, symbol.size, i, std::max(rank, 0), &table};
        }
    }
}

void add_place(Location& location, std::uint64_t address, const debuginfo::CodePlace& place) {
    location.file = place.source.file;
    location.line = place.source.line;
    for (const debuginfo::CodePlace::Call& call : place.inlined)
        location.inlined.push_back({.function = call.function, .file = call.source.file, .line = call.source.line});
    if (!location.function.empty() || place.function.empty()) return;
    location.function = place.function;
    location.function_start = place.function_start + location.module->bias;
    location.offset = address - location.function_start;
}

}  // namespace

void Symbolizer::resolve(const Module& module, std::vector<std::uint64_t>& addresses) {
    std::ranges::sort(addresses);
    std::vector<Best> best(addresses.size());
    elf::SymbolTable own = elf::static_symbols(*module.image, module.sections());
    elf::SymbolTable separate;
    if (own.size() == 0) {
        if (const elf::Image* debug = module.debug_image(process_.files.get())) {
            finding::Sink unheard;
            separate = elf::static_symbols(*debug, elf::read_sections(*debug, unheard));
        }
    }
    elf::SymbolTable dynamic = elf::dynamic_symbols(*module.image);
    look(own, addresses, best);
    look(separate, addresses, best);
    if (own.size() == 0 && separate.size() == 0) look(dynamic, addresses, best);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        Location& location = known_[addresses[i] + module.bias];
        location.module = &module;
        if (best[i].rank >= 0) {
            std::string_view name = best[i].table->name_at(best[i].index);
            location.function = name.substr(0, name.find('@'));
            location.function_start = best[i].value + module.bias;
        } else if (auto unwinding = module.unwinding_at(addresses[i], process_.files.get())) {
            location.function_start = unwinding->entry.start + module.bias;
        } else {
            continue;
        }
        location.offset = addresses[i] + module.bias - location.function_start;
    }
}

// Go's own tables know its functions, with lines and what was inlined, in stripped programs too.
bool Symbolizer::resolve_go(std::uint64_t address, Location& location) const {
    const golang::FoundModule* module = go_ == nullptr ? nullptr : go_->program().module_at(address);
    if (module == nullptr) return false;
    auto function = module->table.find(address);
    if (!function) return false;
    constexpr std::size_t most_inlined = 64;
    std::array<golang::SourceFrame, most_inlined> frames;
    std::size_t count = go_->program().frames(*module, *function, address, frames);
    if (count == 0) return false;
    auto line = [](const golang::SourceFrame& frame) { return frame.line > 0 ? static_cast<std::uint32_t>(frame.line) : 0; };
    for (std::size_t i = 0; i + 1 < count; ++i)
        location.inlined.push_back(
            {.function = std::string(frames[i].function), .file = std::string(frames[i].file), .line = line(frames[i])});
    const golang::SourceFrame& outer = frames[count - 1];
    location.function = outer.function;
    location.function_start = function->entry;
    location.offset = address - function->entry;
    location.file = outer.file;
    location.line = line(outer);
    return true;
}

void Symbolizer::prepare(std::span<const std::uint64_t> addresses) {
    std::map<const Module*, std::vector<std::uint64_t>> by_module;
    for (std::uint64_t address : addresses) {
        auto [found, fresh] = known_.try_emplace(address);
        if (!fresh) continue;
        const Module* module = process_.module_at(address);
        found->second.module = module;
        if (resolve_go(address, found->second)) continue;
        if (module != nullptr && module->image) by_module[module].push_back(address - module->bias);
    }
    for (auto& [module, list] : by_module) resolve(*module, list);
}

const Location& Symbolizer::at(std::uint64_t address) {
    prepare(std::span(&address, 1));
    return known_[address];
}

debuginfo::ProgramLines* Symbolizer::lines(const Module& module) {
    auto [found, fresh] = lines_.try_emplace(&module);
    if (!fresh) return found->second.get();
    if (auto file = module.debug_file(process_.files.get())) {
        auto opened = debuginfo::ProgramLines::open(*file, process_.files.get(), default_limits);
        if (opened) found->second = std::make_unique<debuginfo::ProgramLines>(*std::move(opened));
    }
    return found->second.get();
}

void Symbolizer::describe(std::span<const std::uint64_t> addresses) {
    prepare(addresses);
    std::map<const Module*, std::vector<std::uint64_t>> by_module;
    for (std::uint64_t address : addresses) {
        auto [found, fresh] = described_.try_emplace(address, known_[address]);
        const Location& location = found->second;
        if (!fresh || location.module == nullptr || !location.file.empty()) continue;
        by_module[location.module].push_back(address - location.module->bias);
    }
    for (auto& [module, list] : by_module) {
        debuginfo::ProgramLines* found = lines(*module);
        if (found == nullptr) continue;
        std::ranges::sort(list);
        std::vector<debuginfo::CodePlace> places = found->find(list);
        for (std::size_t i = 0; i < list.size(); ++i) add_place(described_[list[i] + module->bias], list[i] + module->bias, places[i]);
    }
}

const Location& Symbolizer::described(std::uint64_t address) {
    describe(std::span(&address, 1));
    return described_[address];
}

std::uint64_t Symbolizer::dynamic_symbol(const Module& module, std::string_view name) const {
    if (!module.image) return 0;
    elf::ExportTable exports(*module.image);
    std::uint64_t value = 0;
    exports.for_each(elf::HashedName(name), [&](std::uint64_t index) {
        elf::Symbol symbol = exports.symbols().at(index);
        if (!symbol.defined()) return false;
        value = symbol.value + module.bias;
        return true;
    });
    return value;
}

std::set<std::string> Symbolizer::files() const {
    std::set<std::string> files;
    for (const auto& [address, location] : described_) {
        files.insert(location.file);
        for (const Location::Inlined& call : location.inlined) files.insert(call.file);
    }
    return files;
}

}  // namespace abiscope::core
