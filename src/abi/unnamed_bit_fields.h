// Bit-fields without a name, which no compiler writes into debug information: they show by the places of the members behind them.
#pragma once

#include "abi/profile.h"
#include "abi/type.h"

namespace abiscope::abi {

// For records of C and C++ whose recorded places `profile` does not come to, and that have bit-fields: finds the unnamed ones that explain
// them. The first reading is put into Record::fields, the others become Record::other_readings, which lay_out() holds against it under
// every other profile. A record that nothing explains stays as it is. `profile` is the one the program was compiled for.
void infer_unnamed_bit_fields(TypeTable& types, const Profile& profile);

}  // namespace abiscope::abi
