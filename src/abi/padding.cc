// From what was placed to what lies between: every bit of a record that holds nothing, with its reason.
#include <algorithm>

#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

struct Gap {
    std::uint64_t from = 0;   // bits
    std::uint64_t to = 0;
};

class Explainer {
public:
    Explainer(const Record& record, const Engine& engine, RecordInfo& info) : record_(record), engine_(engine), info_(info) {}

    void run();

private:
    void add(Gap gap, PaddingReason reason, std::string before, std::uint32_t alignment);
    void before_slot(const Slot& slot);
    void at_end();
    [[nodiscard]] std::string rule_for(PaddingReason reason) const;

    const Record& record_;
    const Engine& engine_;
    RecordInfo& info_;
    std::uint64_t covered_ = 0;        // bits from the start that are spoken for
    const Slot* last_ = nullptr;       // that ends at covered_
};

std::string_view figure_for(PaddingReason reason) {
    switch (reason) {
        case PaddingReason::member_alignment: return "rule.member_alignment";
        case PaddingReason::record_tail: return "rule.record_tail";
        case PaddingReason::bit_field_unit:
        case PaddingReason::bit_field_end:
        case PaddingReason::zero_width_bit_field:
        case PaddingReason::unnamed_bit_field: return "rule.bit_fields";
        case PaddingReason::empty_record: return "rule.empty_record";
        case PaddingReason::go_trailing_zero_size: return "rule.trailing_zero_size";
        case PaddingReason::base_tail: return "rule.base_tail";
        case PaddingReason::vbase_alignment: return "rule.virtual_bases";
        case PaddingReason::other: break;
    }
    return {};
}

std::string label(const Slot& slot) {
    switch (slot.role) {
        case Role::vfptr: return "vfptr";
        case Role::vbptr: return "vbptr";
        case Role::vtordisp: return "vtordisp";
        default: return slot.name;
    }
}

std::string Explainer::rule_for(PaddingReason reason) const {
    std::string_view own = engine_.profile().source(figure_for(reason));
    return std::string(own.empty() ? engine_.profile().source("placement") : own);
}

void Explainer::add(Gap gap, PaddingReason reason, std::string before, std::uint32_t alignment) {
    if (gap.from >= gap.to) return;
    info_.layout.padding.push_back({.bit_offset = gap.from,
                                    .bit_size = gap.to - gap.from,
                                    .reason = reason,
                                    .before = std::move(before),
                                    .alignment = alignment,
                                    .rule = rule_for(reason)});
}

void Explainer::before_slot(const Slot& slot) {
    Gap gap{.from = covered_, .to = slot.offset};
    if (gap.from >= gap.to) return;
    if (last_ != nullptr && last_->tail_kept) {
        add(gap, PaddingReason::base_tail, label(slot), slot.alignment);
        return;
    }
    if (slot.bit_field && slot.size == 0) {
        add(gap, PaddingReason::zero_width_bit_field, {}, slot.alignment);
        return;
    }
    if (slot.bit_field) {
        bool after_bit_field = last_ != nullptr && last_->bit_field;
        add(gap, after_bit_field ? PaddingReason::bit_field_unit : PaddingReason::member_alignment, label(slot), slot.alignment);
        return;
    }
    if (last_ != nullptr && last_->bit_field) {
        std::uint64_t unit_end = std::clamp(last_->storage_end, gap.from, gap.to);
        add({.from = gap.from, .to = unit_end}, PaddingReason::bit_field_end, label(slot), slot.alignment);
        gap.from = unit_end;
    }
    add(gap,
        slot.role == Role::virtual_base || slot.role == Role::vtordisp ? PaddingReason::vbase_alignment : PaddingReason::member_alignment,
        label(slot), slot.alignment);
}

void Explainer::at_end() {
    Gap gap{.from = covered_, .to = info_.layout.size * 8};
    auto alignment = static_cast<std::uint32_t>(info_.layout.alignment);
    if (gap.from >= gap.to) return;
    if (covered_ == 0 && info_.facts.is_empty) {
        add(gap, PaddingReason::empty_record, {}, alignment);
        return;
    }
    if (last_ != nullptr && last_->bit_field) {
        std::uint64_t unit_end = std::clamp(last_->storage_end, gap.from, gap.to);
        add({.from = gap.from, .to = unit_end}, PaddingReason::bit_field_end, {}, alignment);
        gap.from = unit_end;
    }
    if (last_ != nullptr && last_->tail_kept && last_->size != 0) {
        add(gap, PaddingReason::base_tail, {}, alignment);
        return;
    }
    bool go_tail = engine_.profile().compiler == Compiler::go && !record_.fields.empty() && last_ != nullptr && last_->size == 0;
    add(gap, go_tail ? PaddingReason::go_trailing_zero_size : PaddingReason::record_tail, {}, alignment);
}

void Explainer::run() {
    // A union has everything at 0: sorted by size, the largest decides what is covered.
    std::ranges::stable_sort(info_.slots, {}, &Slot::offset);
    for (const Slot& slot : info_.slots) {
        before_slot(slot);
        if (slot.declared_padding && slot.size != 0)
            add({.from = std::max(covered_, slot.offset), .to = slot.offset + slot.size}, PaddingReason::unnamed_bit_field, {},
                slot.alignment);
        if (!slot.declared_padding) {
            info_.layout.placed.push_back({.role = slot.role,
                                           .name = slot.name,
                                           .type = slot.type,
                                           .bit_offset = slot.offset,
                                           .bit_size = slot.size,
                                           .alignment = slot.alignment,
                                           .index = slot.index});
        }
        if (slot.offset + slot.size >= covered_) {
            covered_ = slot.offset + slot.size;
            if (slot.size != 0 || last_ == nullptr || slot.role == Role::member) last_ = &slot;
        }
    }
    at_end();
    std::ranges::stable_sort(info_.layout.padding, {}, &Padding::bit_offset);
}

}  // namespace

void explain(const Record& record, const Engine& engine, RecordInfo& info) { Explainer(record, engine, info).run(); }

}  // namespace abiscope::abi
