#include "abi/better_order.h"

#include <algorithm>
#include <numeric>

#include "base/checked.h"

namespace abiscope::abi {

namespace {

struct Member {
    std::uint32_t index = 0;
    std::uint64_t size = 0;        // bytes
    std::uint32_t alignment = 1;
};

// Somebody relies on the order, or placing is more than rounding up.
std::string fixed_because(const TypeTable& types, TypeId type, const Record& record) {
    if (record.kind == RecordKind::union_) return "the members of a union share their bytes";
    if (record.host_layout) return "structs.HostLayout: shared with the host";
    if (record.packed || record.pack != 0) return "packed: its bytes are laid down by hand";
    if (!record.variants.empty() || record.discriminant) return "its compiler chooses the order";
    if (!record.bases.empty()) return "it has bases";
    if (!record.virtual_functions.empty()) return "it has virtual functions";
    for (const Field& field : record.fields) {
        if (field.bit_width) return "it has bit-fields";
        if (field.packed) return "packed: its bytes are laid down by hand";
        if (field.no_unique_address || field.msvc_no_unique_address) return "a [[no_unique_address]] member shares its bytes";
    }
    if (record.fields.empty()) return {};
    TypeId last = types.resolve(record.fields.back().type);
    bool flexible = types.contains(last) && types.at(last).kind == Kind::array && types.at(last).count.value_or(0) == 0;
    if (flexible && types.at(type).language != Language::go) return "it ends in a flexible array";
    return {};
}

std::uint64_t size_of(const std::vector<Member>& members, std::uint64_t alignment, bool go) {
    std::uint64_t end = 0;
    bool ends_in_nothing = false;
    for (const Member& member : members) {
        std::uint64_t offset = align_up(end, member.alignment);
        end = offset + member.size;
        ends_in_nothing = member.size == 0 && offset > 0;
    }
    if (go && ends_in_nothing) ++end;
    return align_up(end, alignment);
}

}  // namespace

BetterOrder better_order(const TypeTable& types, TypeId type, const Layout& layout) {
    BetterOrder out;
    TypeId id = types.resolve(type);
    const Record* record = types.record(id);
    if (record == nullptr || record->fields.size() < 2) return out;
    out.fixed_because = fixed_because(types, id, *record);
    if (!out.fixed_because.empty()) return out;
    bool go = types.at(id).language == Language::go;
    std::vector<Member> members;
    for (const Placed& placed : layout.placed) {
        if (placed.role != Role::member || !placed.index) return out;
        // An empty class needs an address of its own only beside its like.
        if (placed.bit_size == 0 && !go) return out;
        members.push_back({*placed.index, placed.bit_size / 8, placed.alignment});
    }
    if (members.size() != record->fields.size()) return out;
    std::ranges::stable_sort(members, {}, &Member::index);
    // The rule as it is used here must give what is there, or it is not the whole truth for this record.
    if (size_of(members, layout.alignment, go) != layout.size) return out;
    std::ranges::stable_sort(members, [go](const Member& a, const Member& b) {
        if (go && (a.size == 0) != (b.size == 0)) return a.size == 0;
        return a.alignment > b.alignment;
    });
    std::uint64_t size = size_of(members, layout.alignment, go);
    if (size >= layout.size) return out;
    for (const Member& member : members) out.fields.push_back(member.index);
    out.size = size;
    out.saved = layout.size - size;
    return out;
}

}  // namespace abiscope::abi
