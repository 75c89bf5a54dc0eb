// The layout that debug information records of a type, held against what the engine computes. The one place where `Observed` is read.
#pragma once

#include <string>

#include "abi/layout.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

struct Recorded {
    // The engine's where all that is recorded agrees with it, and then with the reasons of its padding; else the recorded places alone:
    // an alignment of 0 is one that nothing is recorded of.
    Layout layout;
    bool computed = false;  // the engine comes to the same
    std::string differs;  // where it does not: "`b` is recorded at byte 8, and computed at byte 4"; or why it computes nothing
};

// Where a record is recorded otherwise than `profile` lays out its members in the order of their declaration, which Rust does only where
// #[repr(C)] says so; empty where nowhere.
[[nodiscard]] std::string recorded_difference(const TypeTable& types, TypeId type, const Profile& profile);

// What is recorded alone, held against nothing: for a machine without a profile. Errors as of recorded_layout().
[[nodiscard]] Result<Layout> recorded_alone(const TypeTable& types, TypeId type);

// Error bad_value when no size is recorded of the type, or no place of a member.
[[nodiscard]] Result<Recorded> recorded_layout(const TypeTable& types, TypeId type, const Profile& profile);

}  // namespace abiscope::abi
