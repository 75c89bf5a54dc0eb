// Itanium C++ ABI 2.4: two subobjects of one empty class never share an address. Keeps track of which empty classes lie where while a class
// is laid out. Offsets count bytes.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "abi/layout_engine.h"

namespace abiscope::abi {

// A base subobject of the class that is laid out; a virtual base has one node however often it is named.
struct BaseNode {
    TypeId type = TypeId::none;
    const RecordInfo* info = nullptr;
    bool is_virtual = false;
    std::vector<std::size_t> bases;  // direct ones
    std::size_t primary_virtual = none;  // the virtual base at the same address that it has claimed
    std::size_t derived = none;  // who has claimed this one

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

// To GCC a class and the same class with const or volatile before it are two (12, cp/class.cc, check_subobject_offset: same_type_p), so
// that they may share an address. To clang they are one.
struct EmptyClass {
    TypeId type = TypeId::none;
    bool is_const = false;
    bool is_volatile = false;
    friend bool operator==(const EmptyClass&, const EmptyClass&) = default;
};

class EmptySubobjects {
public:
    EmptySubobjects(Engine& engine, const std::vector<BaseNode>& nodes) : engine_(engine), nodes_(nodes) {}

    // Direct bases and members give the size of the largest empty subobject: beyond it, what is not empty cannot clash.
    [[nodiscard]] Result<void> measure(const Record& record);
    [[nodiscard]] std::uint64_t largest() const { return largest_; }

    // True, and remembered, when the base or member can lie at `offset`.
    [[nodiscard]] Result<bool> place_base(std::size_t node, std::uint64_t offset);
    [[nodiscard]] Result<bool> place_member(const Field& field, std::uint64_t offset);

private:
    [[nodiscard]] Result<bool> base_fits(std::size_t index, std::uint64_t offset);
    [[nodiscard]] Result<void> add_base(std::size_t index, std::uint64_t offset, bool is_empty);
    [[nodiscard]] Result<bool> class_fits(EmptyClass which, bool complete, std::uint64_t offset);
    [[nodiscard]] Result<void> add_class(EmptyClass which, bool complete, std::uint64_t offset, bool overlapping);
    [[nodiscard]] Result<bool> type_fits(TypeId type, std::uint64_t offset);
    [[nodiscard]] Result<void> add_type(TypeId type, std::uint64_t offset, bool overlapping);
    [[nodiscard]] bool taken(EmptyClass which, std::uint64_t offset) const;
    void take(EmptyClass which, std::uint64_t offset);
    [[nodiscard]] bool beyond(std::uint64_t offset) const { return taken_.empty() || offset > taken_.rbegin()->first; }

    Engine& engine_;
    const std::vector<BaseNode>& nodes_;
    std::map<std::uint64_t, std::vector<EmptyClass>> taken_;
    std::uint64_t largest_ = 0;
};

}  // namespace abiscope::abi
