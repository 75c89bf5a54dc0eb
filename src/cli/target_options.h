// The options that say on which machine: shared by check and resolve.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "cli/option_table.h"
#include "loader/module.h"
#include "target/select.h"
#include "target/target.h"

namespace abiscope::cli {

struct TargetOptions {
    std::vector<std::string> names;            // empty: host, or the sysroot alone
    target::Selection selection;               // everything but its `target`, which is one of `names`
    std::string place;                         // --at: path on the target
};

// --sysroot, --env, --user, --cpu...: everything about the machine but its name.
void add_machine_options(OptionTable& table, TargetOptions& options);

// Those, --target and --at.
void add_target_options(OptionTable& table, TargetOptions& options);

// A target with the modules seen on it so far.
struct Machine {
    target::Target target;
    std::unique_ptr<loader::ModuleCache> cache;
    bool sweep_worthwhile = true;              // its CPU lacks something a sweep could find
};

// The target of that name with the options applied.
[[nodiscard]] Result<target::Target> select(const TargetOptions& options, const std::string& name, target::Architecture subject);

// Targets by name and architecture, made once. Thread-safe.
class Machines {
public:
    explicit Machines(const TargetOptions& options) : options_(options) {}

    [[nodiscard]] Result<Machine*> get(const std::string& name, target::Architecture subject);

    // The names asked for; one empty name (this machine, or the sysroot alone) when there are none.
    [[nodiscard]] std::vector<std::string> names() const;

private:
    const TargetOptions& options_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::unique_ptr<Machine>> machines_;
};

// Where the program is started on that target: as typed on this machine; inside a sysroot that holds it; else as if copied to the working
// directory. `--at` overrules all.
[[nodiscard]] std::string place_on(const target::Target& target, const TargetOptions& options, const std::string& path);

}  // namespace abiscope::cli
