#include "dwarf/debug.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "dwarf/findings.h"
#include "dwarf/package.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

struct Skeleton {
    std::uint64_t offset = 0;   // of the unit
    std::string directory;
    std::string name;
    std::uint64_t id = 0;
};

namespace {

void apply_package(const Sections& sections, SectionId index_section, std::span<Unit> units, finding::Sink& sink) {
    auto index = read_package_index(sections.at(index_section), sections.order);
    if (!index) {
        sink.add(unit_damaged(sections, index_section, 0, index.error().describe()));
        return;
    }
    for (Unit& unit : units) {
        auto row = index->find(unit.header);
        if (row == index->end() || unit.package.known) continue;
        unit.package = row->second;
        unit.abbreviations += row->second.abbreviations;
    }
}

std::unexpected<Error> no_debug_information(const std::string& file) {
    return fail(Error{
        .code = ErrorCode::not_found, .what = "no debug information: there is no .debug_info", .file = file, .wanted = {}, .had = {}});
}

bool is_skeleton(const Unit& unit, const RootNames& names) { return unit.type == ut::skeleton || !names.split_name.empty(); }

}  // namespace

void Debug::add_file(Sections sections, bool split, Companions* companions, finding::Sink& sink) {
    auto file = static_cast<std::uint32_t>(files_.size());
    files_.push_back(std::move(sections));
    const Sections& own = files_.back();
    std::vector<Skeleton> skeletons;
    std::uint64_t work = table_work({&own, 1});
    for (SectionId section : {SectionId::info, SectionId::types}) {
        std::vector<Unit> units = list_units(own, section, file, limits_, sink);
        if (split) {
            if (section == SectionId::info && own.has(SectionId::cu_index)) apply_package(own, SectionId::cu_index, units, sink);
            if (own.has(SectionId::tu_index)) apply_package(own, SectionId::tu_index, units, sink);
        }
        Range range{.file = file, .section = section, .first = units_.size()};
        for (Unit& unit : units) {
            RootNames names = read_root(own, unit, split, work, sink);
            unit.index = static_cast<std::uint32_t>(units_.size());
            if (is_skeleton(unit, names)) {
                skeletons.push_back({unit.header, std::string(names.directory), std::string(names.split_name), unit.signature});
            }
            if (unit.usable && unit.is_type_unit()) signatures_.try_emplace(unit.signature, unit.index);
            units_.push_back(unit);
        }
        range.last = units_.size();
        ranges_.push_back(range);
    }
    if (!skeletons.empty()) add_split_units(companions, skeletons, sink);
}

void Debug::add_split_units(Companions* companions, std::span<const Skeleton> skeletons, finding::Sink& sink) {
    auto missing = [&](const Skeleton& skeleton, std::string_view why) {
        sink.add(companion_missing(files_.front(), skeleton.offset, skeleton.name, why));
    };
    if (companions == nullptr) {
        for (const Skeleton& skeleton : skeletons) missing(skeleton, "split units were not looked for");
        return;
    }
    if (auto package = companions->package()) {
        add_file(*std::move(package), true, nullptr, sink);
        return;
    }
    for (const Skeleton& skeleton : skeletons) {
        auto file = companions->split(skeleton.directory, skeleton.name, skeleton.id);
        if (!file) {
            missing(skeleton, file.error().describe());
        } else if (files_.size() >= limits_.libraries) {
            missing(skeleton, "there are more files than the limit allows");
        } else {
            add_file(*std::move(file), true, nullptr, sink);
        }
    }
}

Result<Debug> Debug::open_lazily(Sections main, std::shared_ptr<Companions> companions, const Limits& limits) {
    if (!main.has(SectionId::info)) return no_debug_information(main.file);
    constexpr std::size_t most_files = 256;   // split units that are opened; their places must not change
    Debug debug;
    debug.limits_ = limits;
    debug.files_.reserve(most_files);
    debug.files_.push_back(std::move(main));
    if (companions != nullptr && debug.files_.front().has_supplementary) {
        if (auto other = companions->supplementary()) {
            debug.supplementary_ = 1;
            debug.files_.push_back(*std::move(other));
        }
    }
    debug.lazy_ = std::make_unique<LazyUnits>(debug.files_, std::move(companions), limits);
    return debug;
}

Result<Debug> Debug::open(Sections main, Companions* companions, const Limits& limits, finding::Sink& sink) {
    Debug debug;
    debug.limits_ = limits;
    if (!main.has(SectionId::info) && !main.has(SectionId::types)) {
        return no_debug_information(main.file);
    }
    bool split = main.split;
    debug.add_file(std::move(main), split, split ? nullptr : companions, sink);
    if (companions != nullptr && debug.files_.front().has_supplementary) {
        auto other = companions->supplementary();
        if (other) {
            debug.supplementary_ = static_cast<std::uint32_t>(debug.files_.size());
            debug.add_file(*std::move(other), false, nullptr, sink);
        } else {
            sink.add(companion_missing(debug.files_.front(), 0, "the supplementary file", other.error().describe()));
        }
    }
    return debug;
}

const Unit* Debug::unit_at(std::uint32_t file, SectionId section, std::uint64_t offset) const {
    if (lazy_) return lazy_->holding(files_, file, section, offset);
    for (const Range& range : ranges_) {
        if (range.file != file || range.section != section) continue;
        auto first = units_.begin() + static_cast<std::ptrdiff_t>(range.first);
        auto last = units_.begin() + static_cast<std::ptrdiff_t>(range.last);
        auto found = std::partition_point(first, last, [&](const Unit& unit) { return unit.end <= offset; });
        return found != last && found->usable && found->holds(offset) ? &*found : nullptr;
    }
    return nullptr;
}

EntryRef Debug::distant_reference(const Unit& unit, std::uint64_t value, FormCode form) const {
    switch (form) {
        case form::ref_addr: {
            const Unit* other = unit.section == SectionId::info && unit.holds(value) ? &unit : unit_at(unit.file, SectionId::info, value);
            return other == nullptr ? EntryRef{} : EntryRef{other, value};
        }
        case form::ref_sup4:
        case form::ref_sup8:
        case form_code(form::gnu_ref_alt): {
            const Unit* other = supplementary_ ? unit_at(*supplementary_, SectionId::info, value) : nullptr;
            return other == nullptr ? EntryRef{} : EntryRef{other, value};
        }
        case form::ref_sig8: {
            if (lazy_) {
                const Unit* found = lazy_->type_unit(files_, unit, value);
                return found != nullptr && found->holds(found->type_entry) ? EntryRef{found, found->type_entry} : EntryRef{};
            }
            auto found = signatures_.find(value);
            if (found == signatures_.end()) return {};
            const Unit& other = units_[found->second];
            return other.holds(other.type_entry) ? EntryRef{&other, other.type_entry} : EntryRef{};
        }
        default: return {};
    }
}

}  // namespace abiscope::dwarf
