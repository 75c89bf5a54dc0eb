#include "dwarf/lazy_units.h"

#include <algorithm>
#include <utility>

#include "dwarf/debug.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::uint32_t most_units = 1 << 20;

}  // namespace

LazyUnits::LazyUnits(std::span<const Sections> files, std::shared_ptr<Companions> companions, const Limits& limits)
    : companions_(std::move(companions)), limits_(limits), unheard_(limits), work_(table_work(files)) {}

const Unit* LazyUnits::load(std::span<const Sections> files, std::uint32_t file, SectionId section, std::uint64_t header) {
    auto [found, fresh] = by_header_[{file, section}].try_emplace(header, nullptr);
    if (!fresh) return found->second;
    const Sections& own = files[file];
    if (loaded_.size() >= most_units) return nullptr;
    auto unit = header_at(own, file, section, header);
    if (!unit || unit->entries == 0 || !own.reach(section, unit->end)) return nullptr;
    bool split = own.split;
    if (split && package_ == file) {
        const auto& rows = unit->is_type_unit() ? package_types_ : package_units_;
        for (const auto& [signature, row] : rows) {
            if (row.info != header) continue;
            unit->package = row;
            unit->abbreviations += row.abbreviations;
            break;
        }
    }
    RootNames root = read_root(own, *unit, split, work_, unheard_);
    if (!unit->usable) return nullptr;
    unit->index = static_cast<std::uint32_t>(loaded_.size());
    loaded_.push_back({.unit = *unit,
                       .code = root.code,
                       .directory = std::string(root.directory),
                       .split_name = std::string(root.split_name),
                       .split_looked_for = false,
                       .split = nullptr});
    found->second = &loaded_.back().unit;
    return found->second;
}

std::optional<Unit> LazyUnits::header_at(const Sections& own, std::uint32_t file, SectionId section, std::uint64_t header) {
    constexpr std::uint64_t longest_header = 64;
    std::uint64_t size = own.at(section).size();
    if (header >= size || !own.reach(section, std::min(size, header + longest_header))) return std::nullopt;
    return read_unit(own, section, header, file, unheard_);
}

const Unit* LazyUnits::holding(std::span<const Sections> files, std::uint32_t file, SectionId section, std::uint64_t offset) {
    if (file >= files.size() || offset >= files[file].at(section).size()) return nullptr;
    auto& headers = headers_[{file, section}];
    headers.try_emplace(0, 0);
    auto at = std::prev(headers.upper_bound(offset));
    for (std::uint64_t steps = 0; steps < limits_.steps; ++steps) {
        if (at->second == 0) {
            auto unit = header_at(files[file], file, section, at->first);
            if (!unit) return nullptr;
            at->second = unit->end;
        }
        if (offset < at->second) {
            const Unit* unit = load(files, file, section, at->first);
            return unit != nullptr && unit->holds(offset) ? unit : nullptr;
        }
        at = headers.try_emplace(at->second, 0).first;
    }
    return nullptr;
}

void LazyUnits::list_types(std::span<const Sections> files, std::uint32_t file) {
    auto& types = types_[file];
    for (SectionId section : {SectionId::info, SectionId::types}) {
        if (!files[file].reach(section, files[file].at(section).size())) continue;
        for (const Unit& listed : list_units(files[file], section, file, limits_, unheard_)) {
            if (!listed.usable || !listed.is_type_unit()) continue;
            if (const Unit* unit = load(files, file, section, listed.header)) types.try_emplace(unit->signature, unit);
        }
    }
}

const Unit* LazyUnits::type_unit(std::span<const Sections> files, const Unit& from, std::uint64_t signature) {
    if (package_ == from.file) {
        auto row = package_types_.find(signature);
        if (row == package_types_.end()) return nullptr;
        const Unit* unit =
            load(files, from.file, files[from.file].has(SectionId::types) ? SectionId::types : SectionId::info, row->second.info);
        return unit;
    }
    if (!types_.contains(from.file)) list_types(files, from.file);
    auto found = types_[from.file].find(signature);
    return found == types_[from.file].end() ? nullptr : found->second;
}

std::optional<std::uint32_t> LazyUnits::add_file(std::vector<Sections>& files, Sections sections) {
    // What refers to files must not move.
    if (files.size() == files.capacity()) return std::nullopt;
    sections.split = true;
    work_ += table_work({&sections, 1});
    files.push_back(std::move(sections));
    return static_cast<std::uint32_t>(files.size() - 1);
}

std::optional<std::uint32_t> LazyUnits::package(std::vector<Sections>& files) {
    if (std::exchange(package_looked_for_, true)) return package_;
    auto sections = companions_->package();
    if (!sections) return std::nullopt;
    for (auto [id, rows] : {std::pair{SectionId::cu_index, &package_units_}, std::pair{SectionId::tu_index, &package_types_}}) {
        auto index = read_package_index(sections->at(id), sections->order);
        if (!index) continue;
        for (const auto& [offset, row] : *index) rows->emplace(row.signature, row);
    }
    package_ = add_file(files, *std::move(sections));
    return package_;
}

const Unit* LazyUnits::open_split(std::vector<Sections>& files, const Loaded& skeleton) {
    if (companions_ == nullptr) return nullptr;
    std::uint64_t id = skeleton.unit.signature;
    const Unit* unit = nullptr;
    if (auto file = package(files)) {
        auto row = package_units_.find(id);
        if (row != package_units_.end()) unit = load(files, *file, SectionId::info, row->second.info);
    } else if (auto sections = companions_->split(skeleton.directory, skeleton.split_name, id)) {
        auto added = add_file(files, *std::move(sections));
        if (!added) return nullptr;
        if (!files[*added].reach(SectionId::info, files[*added].at(SectionId::info).size())) return nullptr;
        for (const Unit& listed : list_units(files[*added], SectionId::info, *added, limits_, unheard_)) {
            if (!listed.usable || listed.is_type_unit()) continue;
            const Unit* one = load(files, *added, SectionId::info, listed.header);
            if (one != nullptr && one->signature == id) unit = one;
        }
    }
    if (unit == nullptr || unit->signature != id) return nullptr;
    Unit& own = loaded_[unit->index].unit;
    own.skeleton = &skeleton.unit;
    own.addr_base = skeleton.unit.addr_base;
    own.ranges_base = skeleton.unit.ranges_base;
    return unit;
}

const Unit* LazyUnits::split(std::vector<Sections>& files, const Unit& unit) {
    Loaded& own = loaded_[unit.index];
    if (own.split_name.empty() && unit.type != ut::skeleton) return &unit;
    if (!std::exchange(own.split_looked_for, true)) own.split = open_split(files, own);
    return own.split;
}

}  // namespace abiscope::dwarf
