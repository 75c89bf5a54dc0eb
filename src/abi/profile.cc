#include "abi/profile.h"

namespace abiscope::abi {

std::string_view Profile::source(std::string_view figure) const {
    auto at = sources.find(figure);
    return at == sources.end() ? std::string_view() : std::string_view(at->second);
}

}  // namespace abiscope::abi
