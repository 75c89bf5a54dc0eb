// How two types relate that stand in the same place of both builds, and the pairs of named types met on the way, each compared once.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "abi/type.h"
#include "diff/machine.h"

namespace abiscope::diff {

// In the order of weight.
enum class Kin : std::uint8_t {
    same,        // or of the same name: then the pair is compared on its own
    respelled,   // written in another way, and the same bytes with the same meaning
    retyped,     // the same bytes, which may mean something else
    changed,
};

struct Relation {
    Kin kin = Kin::same;
    std::string why;
    bool by_place = false;   // of an argument: whether it is the same is a matter of where both travel
};

struct Pair {
    abi::TypeId old = abi::TypeId::none;
    abi::TypeId now = abi::TypeId::none;
    std::string place;   // of a record without a name: "struct outer::member"
};

// Where types stand: in a symbol, or in another pair. `by_value`: its bytes lie there, rather than a pointer to them.
struct Site {
    std::uint32_t node = 0;   // even: symbol number node / 2; odd: pair number node / 2
    bool by_value = true;
    std::string_view place;   // what a type without a name is called there, or a function
    bool method = false;      // a function there is called on an object

    [[nodiscard]] static Site symbol(std::uint32_t number) { return {number * 2, true, {}, false}; }
    [[nodiscard]] static Site pair(std::uint32_t number) { return {number * 2 + 1, true, {}, false}; }
    [[nodiscard]] Site behind_pointer() const { return {node, false, place, method}; }
    [[nodiscard]] Site named(std::string_view name) const { return {node, by_value, name, method}; }
    [[nodiscard]] Site of_method(std::string_view name) const { return {node, by_value, name, true}; }
};

// Two functions that are called without a symbol, from where they were met: a pair's member, a virtual function, a symbol's parameter.
struct Called {
    abi::TypeId old = abi::TypeId::none;   // functions
    abi::TypeId now = abi::TypeId::none;
    std::uint32_t node = 0;
    std::string place;                     // Site::place
    bool has_this = false;                 // the first parameter is the object
};

struct Edge {
    std::uint32_t from = 0;   // a node
    std::uint32_t to = 0;     // number of a pair
    bool by_value = true;
};

class Relations {
public:
    Relations(const abi::TypeTable& old, const abi::TypeTable& now) : old_(old), now_(now) {}

    // Before anything is related.
    void set_machine(const Machine& machine) { machine_ = machine; }

    // Pairs that are met are appended to pairs(), and an edge from `site` to each.
    [[nodiscard]] Relation relate(abi::TypeId old, abi::TypeId now, const Site& site) { return relate(old, now, site, 0); }

    // Of two bit-fields of as many bits in one place: what they are declared as decides which values the bits stand for, not where they
    // lie.
    [[nodiscard]] Relation relate_bit_fields(abi::TypeId old, abi::TypeId now, std::uint32_t width, const Site& site);

    [[nodiscard]] const std::vector<Pair>& pairs() const { return pairs_; }
    [[nodiscard]] const std::vector<Edge>& edges() const { return edges_; }
    [[nodiscard]] const std::vector<Called>& called() const { return called_; }
    [[nodiscard]] const abi::TypeTable& old_types() const { return old_; }
    [[nodiscard]] const abi::TypeTable& new_types() const { return now_; }
    [[nodiscard]] const Machine& machine() const { return machine_; }

private:
    struct Stripped {
        abi::TypeId id = abi::TypeId::none;
        bool is_const = false;
    };
    [[nodiscard]] static Stripped strip(const abi::TypeTable& types, abi::TypeId id);
    void meet(abi::TypeId old, abi::TypeId now, const Site& site);

    Relation relate(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation same_kind(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation other_kind(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation scalars(abi::TypeId old, abi::TypeId now) const;
    Relation relate_pointed(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation pointees(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation records(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation instances(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation enumerations(abi::TypeId old, abi::TypeId now, const Site& site);
    Relation functions(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);
    Relation arrays(abi::TypeId old, abi::TypeId now, const Site& site, unsigned depth);

    const abi::TypeTable& old_;
    const abi::TypeTable& now_;
    Machine machine_;
    std::vector<Pair> pairs_;
    std::vector<Edge> edges_;
    std::vector<Called> called_;
    std::set<std::tuple<abi::TypeId, abi::TypeId, std::uint32_t>> known_calls_;
    std::unordered_map<std::uint64_t, std::uint32_t> known_;
    std::uint64_t steps_left_ = 50'000'000;  // many times what the largest program takes
};

// The heavier of two, the first where they weigh the same.
[[nodiscard]] Relation heavier(const Relation& a, const Relation& b);
[[nodiscard]] Relation at_least(Kin kin, Relation relation, std::string why);

}  // namespace abiscope::diff
