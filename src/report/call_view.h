// One call under several ABIs, as `call` shows it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi/call.h"
#include "abi/profile.h"
#include "report/json.h"
#include "report/style.h"
#include "source/declarations.h"

namespace abiscope::report {

// The answer of one profile: where everything travels, or why nobody can tell.
struct ProfileCall {
    const abi::Profile* profile = nullptr;
    std::shared_ptr<const source::Declarations> declared;
    abi::Signature signature;
    std::optional<abi::Call> call;
    std::optional<source::Condition> condition;   // of `call`
    std::optional<Error> error;
};

struct FunctionCalls {
    std::string name;
    std::vector<ProfileCall> profiles;   // in the order asked for

    [[nodiscard]] const ProfileCall* first() const;   // that has an answer; null: none has
};

struct CallOptions {
    bool explain = false;   // every step of the way to each place, and what else the convention says
    bool frame = false;     // the stack drawn
};

[[nodiscard]] std::string call_text(const FunctionCalls& function, const CallOptions& options, const Style& style);
[[nodiscard]] Json call_json(const FunctionCalls& function);

// "struct P f(int a, double b, ...)"
[[nodiscard]] std::string signature_text(const abi::TypeTable& types, const abi::Signature& signature);

// A run of the stack, seen from the call instruction and from the first instruction of the callee.
struct StackRun {
    std::int64_t at_call = 0;    // bytes from the stack pointer
    std::int64_t at_entry = 0;
    std::uint64_t size = 0;      // bytes
    std::string what;
};

// From high addresses to low.
[[nodiscard]] std::vector<StackRun> stack_runs(const ProfileCall& one);

// Where the return address is at entry: "on the stack", or a register's name.
[[nodiscard]] std::string return_address(const abi::Profile& profile);

}  // namespace abiscope::report
