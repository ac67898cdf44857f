// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early - a driver for the RTL8139C+ that gets its memory before it looks at its device, as many do
 *
 * From its first allocation on, a device has page tables of its own in the IOMMU. In a crash kernel those
 * of the kernel that crashed were kept until then (drivers/iommu/intel/iommu.c, "Copied translation
 * tables"): a device that still receives into its old buffers faults from here on.
 * (With 31 bits of address: the first page that a driver gets with 32 is always the same, so that the old
 * ring would be looked for in the new memory, and nobody would be told.)
 */

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>

#define RING_SIZE 4096
/* How long other drivers may take to fill in their rings. */
#define SETUP_MS 300

static int early_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	dma_addr_t at;
	void *ring;
	int rc = pci_enable_device(pdev);

	if (rc)
		return rc;
	pci_set_master(pdev);
	rc = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(31));
	if (rc)
		goto disable;
	ring = dma_alloc_coherent(&pdev->dev, RING_SIZE, &at, GFP_KERNEL);
	rc = -ENOMEM;
	if (!ring)
		goto disable;
	msleep(SETUP_MS);
	pci_notice(pdev, "early: set up\n");
	pci_set_drvdata(pdev, ring);
	return 0;
disable:
	pci_disable_device(pdev);
	return rc;
}

static const struct pci_device_id early_ids[] = {{PCI_DEVICE(0x10ec, 0x8139)}, {}};

/* No MODULE_DEVICE_TABLE: nobody loads it but by its name. */
static struct pci_driver early_driver = {
	.name = "early",
	.id_table = early_ids,
	.probe = early_probe,
};
module_pci_driver(early_driver);

MODULE_DESCRIPTION("Gets its memory before it looks at its device");
MODULE_LICENSE("GPL");
