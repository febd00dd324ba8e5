#pragma once

#include <doctest/doctest.h>

#include "engine_support.h"
