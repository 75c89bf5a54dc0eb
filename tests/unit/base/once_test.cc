#include "base/once.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace abiscope {
namespace {

TEST(Once, OneThreadWorksAndTheOthersWait) {
    Once once;
    std::atomic<int> worked{0};
    int made = 0;   // no atomic: whoever returns must see what was done
    std::vector<std::thread> threads;
    threads.reserve(8);
    std::atomic<int> seen{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            once.call([&] {
                ++worked;
                made = 42;
            });
            seen += made == 42 ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(worked, 1);
    EXPECT_EQ(seen, 8);
}

TEST(Once, WhatThrowsIsTriedAgain) {
    Once once;
    EXPECT_THROW(once.call([] { throw std::runtime_error("first"); }), std::runtime_error);
    int worked = 0;
    once.call([&] { ++worked; });
    once.call([&] { ++worked; });
    EXPECT_EQ(worked, 1);
}

}  // namespace
}  // namespace abiscope
