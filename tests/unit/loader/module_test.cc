#include "loader/module.h"

#include <memory>

#include <gtest/gtest.h>

namespace abiscope::loader {
namespace {

ModulePtr some_module() { return std::make_shared<Module>(Source::from_memory("m", {})); }

struct Counted {
    std::shared_ptr<int> alive;
};

TEST(Module, KeepsWhatEachOwnerDerivedUntilItGoes) {
    ModulePtr module = some_module();
    auto first = std::make_shared<int>(1);
    std::uint64_t one = next_serial();
    std::uint64_t other = next_serial();
    module->derived<Counted>(one).alive = first;
    EXPECT_EQ(module->derived<Counted>(one).alive, first);
    EXPECT_EQ(module->derived<Counted>(other).alive, nullptr);
    EXPECT_EQ(first.use_count(), 2);
    module.reset();
    EXPECT_EQ(first.use_count(), 1);
}

TEST(Module, HasANumberThatIsNotUsedAgain) {
    std::uint64_t first = some_module()->serial();
    std::uint64_t second = some_module()->serial();
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace abiscope::loader
