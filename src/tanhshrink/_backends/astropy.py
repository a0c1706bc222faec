"""astropy's Quantity goes by NumPy's protocol, but only for ufuncs in astropy's own registry."""

import numpy as np
from astropy.units.quantity_helper import UFUNC_HELPERS

import tanhshrink


def register():
    """Tell astropy that the two functions take and give dimensionless numbers, as exp does."""
    for ufunc in (tanhshrink.tanhshrink, tanhshrink.tanhshrink_grad):
        UFUNC_HELPERS[ufunc] = UFUNC_HELPERS[np.exp]  # that of tanh takes angles
