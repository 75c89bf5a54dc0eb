#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type_name.h"
#include "diff/type_changes.h"
#include "diff/type_names.h"

namespace abiscope::diff {

using finding::RuleId;

namespace {

// Virtual bases in inheritance graph order, each once: that in which they are laid out (Itanium C++ ABI, sections 1.1 and 2.4). Debug
// information records no place of theirs, which another derived class may change.
class VirtualBases {
public:
    explicit VirtualBases(const abi::TypeTable& types) : types_(types) {}

    void add(abi::TypeId id, unsigned depth = 0) {
        const abi::Record* record = types_.record(types_.resolve(id));
        if (record == nullptr || depth > most_depth) return;
        for (const abi::Base& base : record->bases) {
            if (steps_left_ == 0) return;
            --steps_left_;
            if (base.is_virtual) {
                std::string name = one_spelling(abi::declaration(types_, types_.resolve(base.type), {}));
                if (std::ranges::find(names, name) != names.end()) continue;
                names.push_back(std::move(name));
            }
            add(base.type, depth + 1);
        }
    }

    std::vector<std::string> names;

private:
    static constexpr unsigned most_depth = 64;
    unsigned steps_left_ = 4096;   // bases that are not virtual are met once for each way to them
    const abi::TypeTable& types_;
};

}  // namespace

bool compare_virtual_bases(const Relations& relations, std::uint32_t number, const std::string& subject, TypeChanges& into) {
    const Pair& pair = relations.pairs()[number];
    VirtualBases old(relations.old_types()), now(relations.new_types());
    old.add(pair.old);
    now.add(pair.now);
    auto both = [](const std::vector<std::string>& these, const std::vector<std::string>& those) {
        std::vector<std::string> out;
        std::ranges::copy_if(these, std::back_inserter(out),
                             [&](const std::string& one) { return std::ranges::find(those, one) != those.end(); });
        return out;
    };
    std::vector<std::string> before = both(old.names, now.names), after = both(now.names, old.names);
    auto [was, is] = std::ranges::mismatch(before, after);
    if (was == before.end() || is == after.end()) return true;
    into.changes.push_back(Change(RuleId::DIFF_BASE_CHANGED, About::type, subject)
                               .with("base", *is)
                               .with("what", "lies in front of its virtual base " + *was + " now, and lay behind it"));
    return false;
}

}  // namespace abiscope::diff
