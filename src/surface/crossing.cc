#include "surface/crossing.h"

#include <algorithm>
#include <utility>

#include "surface/compiler_made.h"

namespace abiscope::surface {

namespace {

// Hands each symbol on to the types it leads to, and those to the types they are made of, until nobody learns of another. A type keeps the
// first few symbols alone, so each is looked at a few times at most.
class Spread {
public:
    explicit Spread(const Surface& surface) : surface_(surface), at_(surface.types.size()), waits_(surface.types.size()) {}

    std::vector<Crossing> run() {
        for (std::uint32_t i = 0; i < surface_.symbols.size(); ++i) {
            const Symbol& symbol = surface_.symbols[i];
            const Crossing from{.symbols = {i}, .more = false};
            if (symbol.function) {
                const abi::Signature& signature = surface_.functions[*symbol.function];
                for (const abi::Parameter& parameter : signature.parameters) give(parameter.type, from);
                for (const abi::Parameter& result : signature.results) give(result.type, from);
                if (signature.receiver) give(*signature.receiver, from);
            }
            give(symbol.type, from);
        }
        while (!open_.empty()) {
            abi::TypeId id = open_.back();
            open_.pop_back();
            waits_[index(id)] = false;
            hand_on(id, Crossing(at_[index(id)]));
        }
        return std::move(at_);
    }

private:
    static std::size_t index(abi::TypeId id) { return static_cast<std::size_t>(id); }

    void give(abi::TypeId id, const Crossing& from) {
        if (!surface_.types.contains(id)) return;
        Crossing& to = at_[index(id)];
        bool learned = from.more && !to.more;
        to.more = to.more || from.more;
        for (std::uint32_t symbol : from.symbols) {
            if (std::ranges::binary_search(to.symbols, symbol)) continue;
            if (to.symbols.size() == most_crossing_symbols && symbol > to.symbols.back()) {
                learned = learned || !to.more;
                to.more = true;
                continue;
            }
            to.symbols.insert(std::ranges::lower_bound(to.symbols, symbol), symbol);
            if (to.symbols.size() > most_crossing_symbols) {
                to.symbols.pop_back();
                to.more = true;
            }
            learned = true;
        }
        if (!learned || waits_[index(id)]) return;
        waits_[index(id)] = true;
        open_.push_back(id);
    }

    void hand_on(abi::TypeId id, const Crossing& from) {
        const abi::Type& type = surface_.types.at(id);
        give(type.target, from);
        give(type.owner, from);
        if (const abi::Function* function = surface_.types.function(id)) {
            give(function->result, from);
            for (abi::TypeId parameter : function->parameters) give(parameter, from);
        }
        const abi::Record* record = surface_.types.record(id);
        if (record == nullptr) return;
        for (const abi::Base& base : record->bases) give(base.type, from);
        for (const abi::Field& field : record->fields) give(field.type, from);
        for (const abi::VirtualFunction& function : record->virtual_functions) give(function.type, from);
        if (record->discriminant) give(record->discriminant->type, from);
        for (const abi::Variant& variant : record->variants) {
            for (const abi::Field& field : variant.fields) give(field.type, from);
        }
    }

    const Surface& surface_;
    std::vector<Crossing> at_;      // by type
    std::vector<bool> waits_;       // is in open_
    std::vector<abi::TypeId> open_;
};

// Units may disagree about a type of one name, or each have their own.
void add(const Crossing& from, Crossing& to) {
    to.more = to.more || from.more;
    to.symbols.insert(to.symbols.end(), from.symbols.begin(), from.symbols.end());
    std::ranges::sort(to.symbols);
    auto rest = std::ranges::unique(to.symbols);
    to.symbols.erase(rest.begin(), rest.end());
    if (to.symbols.size() <= most_crossing_symbols) return;
    to.symbols.resize(most_crossing_symbols);
    to.more = true;
}

}  // namespace

CrossingRecords crossing_records(const Surface& surface) {
    std::vector<Crossing> all = Spread(surface).run();
    CrossingRecords out;
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        auto id = static_cast<abi::TypeId>(i);
        const abi::Record* record = surface.types.record(id);
        const std::string& name = surface.types.at(id).name;
        if (record == nullptr || name.empty() || all[i].symbols.empty()) continue;
        add(all[i], (record->complete ? out.whole : out.declared_only)[name]);
    }
    // What one unit only declares, another may define.
    std::erase_if(out.declared_only, [&](const auto& one) { return out.whole.contains(one.first); });
    return out;
}

std::vector<std::uint32_t> undescribed_symbols(const Surface& surface) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < surface.symbols.size(); ++i) {
        const Symbol& symbol = surface.symbols[i];
        if (!symbol.described && symbol.kind != SymbolKind::other && symbol.forwarder.empty() && !is_compiler_made(symbol.name))
            out.push_back(i);
    }
    return out;
}

}  // namespace abiscope::surface
